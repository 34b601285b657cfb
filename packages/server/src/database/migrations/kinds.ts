/** Types of columns, and what ends a table's definition, in one of the two databases. */
export interface ColumnKinds {
  readonly dialect: 'sqlite' | 'postgres'
  /** 64 bits. */
  readonly integer: string
  /** Text that is compared byte by byte whatever the database's locale. */
  readonly sortedText: string
  readonly strict: string
  /** As better-auth's Kysely adapter writes times and truth values. */
  readonly authTime: string
  readonly authBoolean: string
  /** A column of credentials: the OAuth app's id out of the values. */
  readonly clientIdColumn: string
}

export const columnKinds: Readonly<Record<'sqlite' | 'postgres', ColumnKinds>> = {
  sqlite: {
    dialect: 'sqlite',
    integer: 'integer',
    sortedText: 'text',
    strict: 'strict',
    authTime: 'date',
    authBoolean: 'integer',
    clientIdColumn: "client_id text generated always as (json_extract(field_values, '$.clientId')) virtual",
  },
  postgres: {
    dialect: 'postgres',
    integer: 'bigint',
    sortedText: 'text collate "C"',
    strict: '',
    authTime: 'timestamptz',
    authBoolean: 'boolean',
    clientIdColumn: "client_id text generated always as ((field_values::jsonb) ->> 'clientId') stored",
  },
}
