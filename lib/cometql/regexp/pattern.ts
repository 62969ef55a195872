/** Whether a character, given by its code point, is one of a set. */
export type CharacterTest = (codePoint: number) => boolean

/** What a pattern consists of. `|` has the alternatives one after the other; `cost`: how many comparisons a test takes. */
export type PatternNode =
  | { readonly kind: 'empty' }
  | { readonly kind: 'character'; readonly test: CharacterTest; readonly cost: number }
  | { readonly kind: 'start' | 'end' | 'boundary' | 'noBoundary' }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly part: PatternNode; readonly min: number; readonly max: number }
