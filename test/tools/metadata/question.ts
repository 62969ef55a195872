/** The columns of an answer by their names, or, where there are many, how many there are. */
export type Columns = number | readonly string[]

/** The rows of an answer, or how many there are. */
export type Rows = number | 'some' | readonly (readonly (string | number | null)[])[]

/** What a tool asks, and what must come back. */
export type Question = readonly [sql: string, columns: Columns, rows: Rows]
