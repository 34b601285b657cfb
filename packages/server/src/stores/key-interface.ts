/** What the database knows of a master key. */
export interface MasterKeyRow {
  readonly id: string
  readonly source: string
  readonly firstSeenAt: string
  readonly operations: number
  readonly retiredAt: string | null
}

/** A sealed value where it is stored, as the text of its column. */
export interface StoredValue {
  readonly rowId: string
  readonly text: string
  /** The secret version that it is sealed for. */
  readonly version: number
}

export interface SetAside {
  readonly table: string
  readonly rowId: string
  readonly code: string
  readonly at: string
}

/** A column that holds sealed rows. Each is sealed for its table, the row's id and its version. */
export interface SealedColumn {
  readonly table: string
  readonly id: string
  readonly column: string
  /** The column with the secret version; null: always 1. */
  readonly version: string | null
  /** Other things stand in the column as well. */
  readonly mixed: boolean
}

export interface KeyStore {
  /** Notes keys at their first sight. */
  note(keyIds: readonly string[], source: string): Promise<void>
  list(): Promise<MasterKeyRow[]>
  addOperations(keyId: string, count: number): Promise<void>
  markRetired(keyId: string): Promise<void>
  /** Columns with sealed values, in the order in which a rotation takes them. */
  readonly columns: readonly SealedColumn[]
  /** Values that aren't sealed under the key, by row id, after one. */
  otherThan(keyId: string, column: SealedColumn, after: string, limit: number): Promise<StoredValue[]>
  /** Writes the value unless it was changed meanwhile; answers whether it was written. */
  replace(column: SealedColumn, rowId: string, before: string, after: string): Promise<boolean>
  /** How many values need which key; what isn't readable as a sealed value counts under an empty id. */
  countByKey(): Promise<ReadonlyMap<string, number>>
  /** Columns of any table in which something sealed under the key stands, with how many. The whole database is read. */
  findAnywhere(keyId: string): Promise<{ place: string; count: number }[]>
  setAside(table: string, rowId: string, code: string): Promise<void>
  /** What is set aside and still stored, under another key than this one: what is under it has been put right. */
  listSetAside(keyId: string): Promise<SetAside[]>
  clearSetAside(): Promise<void>
  /** Replaces a fact unless it was changed meanwhile. */
  replaceFact(name: string, before: string, after: string): Promise<boolean>
  /** Carries the action out while no other process does: for changes of a key file that several share. */
  alone<T>(action: () => T): Promise<T>
}
