/** Types of columns, and what ends a table's definition, in one of the two databases. */
export interface ColumnKinds {
  /** 64 bits. */
  readonly integer: string
  /** Text that is compared byte by byte whatever the database's locale. */
  readonly sortedText: string
  readonly strict: string
  /** As better-auth's Kysely adapter writes times and truth values. */
  readonly authTime: string
  readonly authBoolean: string
}

export const columnKinds: Readonly<Record<'sqlite' | 'postgres', ColumnKinds>> = {
  sqlite: {
    integer: 'integer',
    sortedText: 'text',
    strict: 'strict',
    authTime: 'date',
    authBoolean: 'integer',
  },
  postgres: {
    integer: 'bigint',
    sortedText: 'text collate "C"',
    strict: '',
    authTime: 'timestamptz',
    authBoolean: 'boolean',
  },
}
