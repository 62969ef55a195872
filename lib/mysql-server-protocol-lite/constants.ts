/** Capability flags (MySQL internals: "Capabilities Flags"). In force are those that the client and the server both set. */
export const Capability = {
  LONG_PASSWORD: 1 << 0,
  FOUND_ROWS: 1 << 1,
  LONG_FLAG: 1 << 2,
  CONNECT_WITH_DB: 1 << 3,
  COMPRESS: 1 << 5,
  PROTOCOL_41: 1 << 9,
  SSL: 1 << 11,
  TRANSACTIONS: 1 << 13,
  SECURE_CONNECTION: 1 << 15,
  MULTI_STATEMENTS: 1 << 16,
  MULTI_RESULTS: 1 << 17,
  PS_MULTI_RESULTS: 1 << 18,
  PLUGIN_AUTH: 1 << 19,
  CONNECT_ATTRS: 1 << 20,
  PLUGIN_AUTH_LENENC_CLIENT_DATA: 1 << 21,
  DEPRECATE_EOF: 1 << 24,
} as const

/**
 * What every server of this library offers; SSL comes on top where TLS is configured. LONG_PASSWORD MUST be among them:
 * a greeting without it makes MariaDB's clients send extended capabilities of their own.
 */
export const offeredCapabilities =
  Capability.LONG_PASSWORD |
  Capability.FOUND_ROWS |
  Capability.LONG_FLAG |
  Capability.CONNECT_WITH_DB |
  Capability.COMPRESS |
  Capability.PROTOCOL_41 |
  Capability.TRANSACTIONS |
  Capability.SECURE_CONNECTION |
  Capability.MULTI_STATEMENTS |
  Capability.MULTI_RESULTS |
  Capability.PS_MULTI_RESULTS |
  Capability.PLUGIN_AUTH |
  Capability.CONNECT_ATTRS |
  Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA |
  Capability.DEPRECATE_EOF

/** The first byte of a command packet (MySQL internals: "Command Phase"). */
export const Command = {
  QUIT: 0x01,
  INIT_DB: 0x02,
  QUERY: 0x03,
  FIELD_LIST: 0x04,
  STATISTICS: 0x09,
  PROCESS_INFO: 0x0a,
  PROCESS_KILL: 0x0c,
  DEBUG: 0x0d,
  PING: 0x0e,
  CHANGE_USER: 0x11,
  STMT_PREPARE: 0x16,
  STMT_EXECUTE: 0x17,
  STMT_SEND_LONG_DATA: 0x18,
  STMT_CLOSE: 0x19,
  STMT_RESET: 0x1a,
  SET_OPTION: 0x1b,
  STMT_FETCH: 0x1c,
  RESET_CONNECTION: 0x1f,
} as const

/** Status flags of OK and EOF packets (MySQL internals: "SERVER_STATUS_flags_enum"). */
export const Status = {
  IN_TRANSACTION: 1 << 0,
  AUTOCOMMIT: 1 << 1,
  MORE_RESULTS_EXIST: 1 << 3,
  CURSOR_EXISTS: 1 << 6,
  LAST_ROW_SENT: 1 << 7,
} as const

/** Types of columns and parameters on the wire (MySQL internals: "enum_field_types"). */
export const FieldType = {
  DECIMAL: 0,
  TINY: 1,
  SHORT: 2,
  LONG: 3,
  FLOAT: 4,
  DOUBLE: 5,
  NULL: 6,
  TIMESTAMP: 7,
  LONGLONG: 8,
  INT24: 9,
  DATE: 10,
  TIME: 11,
  DATETIME: 12,
  YEAR: 13,
  VARCHAR: 15,
  BIT: 16,
  JSON: 245,
  NEWDECIMAL: 246,
  ENUM: 247,
  SET: 248,
  TINY_BLOB: 249,
  MEDIUM_BLOB: 250,
  LONG_BLOB: 251,
  BLOB: 252,
  VAR_STRING: 253,
  STRING: 254,
  GEOMETRY: 255,
} as const

/** Flags of a column definition (MySQL internals: "Column Definition Flags"). */
export const FieldFlag = {
  NOT_NULL: 1 << 0,
  PRI_KEY: 1 << 1,
  BLOB: 1 << 4,
  UNSIGNED: 1 << 5,
  BINARY: 1 << 7,
} as const

/** The collations that this side names: utf8mb4_general_ci for text, and binary for numbers and blobs. */
export const Collation = { UTF8MB4: 45, BINARY: 63 } as const

/** A packet of this many bytes is continued in the next one. */
export const maxPayloadBytes = 0xffffff

/** The statement id that means "the one just prepared": EXECUTE pipelined behind PREPARE. */
export const lastPreparedId = 0xffffffff
