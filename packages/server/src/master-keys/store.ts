import { sql } from 'kysely'
import type { RowOf } from '../database/codec.ts'
import type { Database } from '../database/database.ts'
import { masterKey } from '../database/tables.ts'

export type MasterKeyRow = RowOf<typeof masterKey>

/** A sealed value as it is stored: the text of its column. */
export interface StoredValue {
  readonly rowId: string
  readonly text: string
  /** The secret version that it is sealed for. */
  readonly version: number
}

export interface QuarantinedValue {
  readonly table: string
  readonly rowId: string
  readonly code: string
  readonly at: number
}

/** A column of sealed values. Each is sealed for its table, the row's id and its version. */
export interface SealedColumn {
  readonly table: string
  readonly id: string
  readonly column: string
  /** The column with the secret version; null: always 1. */
  readonly version: string | null
  /** The column also holds other things: settings, or nothing for an ended session. */
  readonly mixed: boolean
}

const sealedColumns: readonly SealedColumn[] = [
  { table: 'credentials', id: 'id', column: 'sealed', version: 'secret_version', mixed: false },
  { table: 'previous_secrets', id: 'credential_id', column: 'sealed', version: 'version', mixed: false },
  { table: 'authorizations', id: 'state_hash', column: 'sealed_verifier', version: null, mixed: false },
  { table: 'sessions', id: 'key_hash', column: 'value', version: null, mixed: true },
  { table: 'run_keys', id: 'run_id', column: 'sealed', version: null, mixed: false },
  { table: 'pass_writes', id: 'id', column: 'sealed', version: null, mixed: false },
  { table: 'pass_writes', id: 'id', column: 'answer', version: null, mixed: true },
  { table: 'metadata', id: 'name', column: 'value', version: null, mixed: true },
]

/** The text of a sealed row begins with this. The last letter of its format and the key's id follow. */
const head = '{"wrappedKey":"lw'
const keyIdAt = head.length + 3 // after `1.`, counted from 1
const keyIdLength = 16
const underKey = (keyId: string) => `${head}_.${keyId}.%`

/** @throws RangeError for a text that is no fingerprint, because it is put into a pattern */
function checked(keyId: string): string {
  if (!/^[0-9a-f]{16}$/.test(keyId)) throw new RangeError('a key id has 16 hexadecimal digits')
  return keyId
}

export function openKeyStore(database: Database) {
  const { auth: db, sql: dialect } = database
  const onlySealed = ({ column, mixed }: SealedColumn) =>
    mixed ? sql`${sql.ref(column)} like ${`${head}%`}` : sql`1 = 1`

  return {
    /** Columns with sealed values, in the order of a rotation. */
    columns: sealedColumns,

    /** Stores keys when they are first seen. */
    async note(keyIds: readonly string[], source: string): Promise<void> {
      for (const keyId of keyIds) {
        await sql`insert into master_keys (id, source, first_seen_at) values (${keyId}, ${source}, ${dialect.now})
          on conflict (id) do update set source = excluded.source`.execute(db)
      }
    },

    async list(): Promise<MasterKeyRow[]> {
      const rows = await database.tables
        .selectFrom('masterKeys')
        .selectAll()
        .orderBy('firstSeenAt')
        .orderBy('id')
        .execute()
      return rows.map(masterKey.toRow)
    },

    async addOperations(keyId: string, count: number): Promise<void> {
      await sql`insert into master_keys (id, source, first_seen_at, operations) values (${keyId}, '', ${dialect.now}, ${count})
        on conflict (id) do update set operations = master_keys.operations + excluded.operations`.execute(db)
    },

    async markRetired(keyId: string): Promise<void> {
      await sql`update master_keys set retired_at = ${dialect.now} where id = ${keyId}`.execute(db)
    },

    /** Values that are not sealed under the key, by row id, after the given one. */
    async otherThan(
      keyId: string,
      column: SealedColumn,
      after: string,
      limit: number,
    ): Promise<StoredValue[]> {
      const version = column.version === null ? sql`1` : sql.ref(column.version)
      const { rows } = await sql<{ row_id: string; text: string; version: number }>`
        select ${sql.ref(column.id)} as row_id, ${sql.ref(column.column)} as text, ${version} as version
        from ${sql.table(column.table)}
        where ${sql.ref(column.id)} > ${after}
          and ${sql.ref(column.column)} not like ${underKey(checked(keyId))} and ${onlySealed(column)}
        order by ${sql.ref(column.id)} limit ${sql.lit(limit)}`.execute(db)
      return rows.map((row) => ({ rowId: row.row_id, text: row.text, version: row.version }))
    },

    /** Writes the value unless it was changed meanwhile. Returns whether it was written. */
    async replace(column: SealedColumn, rowId: string, before: string, after: string): Promise<boolean> {
      const { numAffectedRows } = await sql`update ${sql.table(column.table)}
        set ${sql.ref(column.column)} = ${after}
        where ${sql.ref(column.id)} = ${rowId} and ${sql.ref(column.column)} = ${before}`.execute(db)
      return numAffectedRows === 1n
    },

    /** Counts values by the key that they need. A value that is not readable as sealed counts under an empty id. */
    async countByKey(): Promise<ReadonlyMap<string, number>> {
      const counts = new Map<string, number>()
      for (const column of sealedColumns) {
        const text = sql.ref(column.column)
        const { rows } = await sql<{ key_id: string; count: number }>`select key_id, count(*) as count from (
            select case when ${text} like ${`${head}_.________________.%`}
              then substr(${text}, ${sql.lit(keyIdAt)}, ${sql.lit(keyIdLength)}) else '' end as key_id
            from ${sql.table(column.table)} where ${onlySealed(column)}) as found
          group by key_id`.execute(db)
        for (const row of rows) counts.set(row.key_id, (counts.get(row.key_id) ?? 0) + Number(row.count))
      }
      return counts
    },

    /** Finds values sealed under the key in every column of all tables, and counts them. Reads the whole database. */
    async findAnywhere(keyId: string): Promise<{ place: string; count: number }[]> {
      const found: { place: string; count: number }[] = []
      const bare = `lw_.${checked(keyId)}.%`
      for (const table of await db.introspection.getTables()) {
        if (table.isView || !(await isOurs(table.schema))) continue
        for (const { name, dataType } of table.columns) {
          if (dataType.toLowerCase() !== 'text') continue
          const text = sql.ref(name)
          const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table.name)}
            where ${text} like ${`%"wrappedKey":"${bare}`} or ${text} like ${bare}`.execute(db)
          const count = Number(rows[0]?.count ?? 0)
          if (count > 0) found.push({ place: `${table.name}.${name}`, count })
        }
      }
      return found
    },

    async quarantine(table: string, rowId: string, code: string): Promise<void> {
      await sql`insert into key_quarantine (table_name, row_id, code, at) values (${table}, ${rowId}, ${code}, ${dialect.now})
        on conflict (table_name, row_id) do update set code = excluded.code, at = excluded.at`.execute(db)
    },

    /** Lists what is in quarantine and still under another key than this one. What is under this key is repaired. */
    async listQuarantined(keyId: string): Promise<QuarantinedValue[]> {
      const { rows } = await sql<{ table_name: string; row_id: string; code: string; at: number }>`
        select * from key_quarantine order by table_name, row_id`.execute(db)
      const stored = new Set<string>()
      for (const column of sealedColumns) {
        const rowIds = rows.filter((row) => row.table_name === column.table).map((row) => row.row_id)
        for (let at = 0; at < rowIds.length; at += 500) {
          const { rows: present } = await sql<{ id: string }>`select ${sql.ref(column.id)} as id
            from ${sql.table(column.table)}
            where ${sql.ref(column.id)} in (${sql.join(rowIds.slice(at, at + 500))})
              and ${sql.ref(column.column)} not like ${underKey(checked(keyId))}`.execute(db)
          for (const { id } of present) stored.add(`${column.table} ${id}`)
        }
      }
      return rows
        .filter((row) => stored.has(`${row.table_name} ${row.row_id}`))
        .map((row) => ({ table: row.table_name, rowId: row.row_id, code: row.code, at: row.at }))
    },

    async clearQuarantined(): Promise<void> {
      await sql`delete from key_quarantine`.execute(db)
    },

    /** Replaces metadata unless it was changed meanwhile. */
    async replaceMetadata(name: string, before: string, after: string): Promise<boolean> {
      const { numAffectedRows } =
        await sql`update metadata set value = ${after} where name = ${name} and value = ${before}`.execute(db)
      return numAffectedRows === 1n
    },

    /** Runs the action while no other process does: for changes of a key file that several processes share. */
    alone: <T>(action: () => T): Promise<T> =>
      db.transaction().execute(async (transaction) => {
        // The write makes another process wait on PostgreSQL until this transaction ends. SQLite has only one process.
        await sql`insert into metadata (name, value) values ('key_change', '') on conflict (name) do update set value = ''`.execute(
          transaction,
        )
        return action()
      }),
  }

  async function isOurs(schema: string | undefined): Promise<boolean> {
    if (dialect.kind === 'sqlite') return true
    const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db)
    return rows[0]?.name === schema
  }
}

export type KeyStore = ReturnType<typeof openKeyStore>
