import { administrators, newId } from '@latchwork/contract'
import { sql as sqlText } from 'kysely'
import type { RowOf } from '../database/codec.ts'
import { readJson, textMapSchema } from '../database/columns.ts'
import type { Database } from '../database/database.ts'
import { file } from '../database/flow-tables.ts'
import { listPage, type Order, type PageOf, type PageQuery } from '../database/paging.ts'
import { type Viewer, visibleTo } from '../identity/store/viewing.ts'
import { refuseBeyondShare } from '../shares/holding.ts'

export type FileRow = RowOf<typeof file>

const byName = {
  name: 'name',
  table: 'files',
  column: 'name',
  id: 'id',
  holds: 'text',
  direction: 'asc',
} as const satisfies Order

/** Names in one insert: both databases limit the values of a statement. */
const namesAtOnce = 1000

export function openFileStore(database: Database) {
  const { sql, tables } = database
  const find = async (id: string): Promise<FileRow | null> => {
    const row = await tables.selectFrom('files').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : file.toRow(row)
  }
  const findByName = async (ownerId: string | null, name: string): Promise<FileRow | null> => {
    const row = await tables
      .selectFrom('files')
      .selectAll()
      .where('ownerId', '=', ownerId ?? administrators.id)
      .where('name', '=', name)
      .executeTakeFirst()
    return row === undefined ? null : file.toRow(row)
  }
  const ensure = async (id: string, ownerId: string, name: string, inRoot: boolean): Promise<FileRow> => {
    const folder = inRoot && !(await isTaken(name)) ? '' : id
    await tables.transaction().execute(async (transaction) => {
      await refuseBeyondShare(database, transaction, ownerId, 'files', () =>
        othersOf(transaction, ownerId, id),
      )
      await transaction
        .insertInto('files')
        .values({
          ...file.toColumns({ id, ownerId, name, folder, storedName: name, bytes: 0 }),
          createdAt: sql.now,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    })
    const row = await findByName(ownerId, name)
    // Without a row, another request took the name in the folder or erased the file at the same moment.
    return row ?? ensure(id, ownerId, name, false)
  }
  /** Some file systems don't distinguish capitals. */
  const isTaken = async (name: string): Promise<boolean> => {
    const row = await tables
      .selectFrom('files')
      .select('id')
      .where('folder', '=', '')
      .where((eb) => eb.fn<string>('lower', ['storedName']), '=', name.toLowerCase())
      .executeTakeFirst()
    return row !== undefined
  }
  return {
    find,
    /** @param ownerId null: the administrators' */
    findByName,

    /** The names of an owner's files that begin so. */
    async namesOf(ownerId: string, start: string): Promise<string[]> {
      const begins = sqlText<string>`substr(${sqlText.ref('name')}, 1, ${[...start].length})`
      const rows = await tables
        .selectFrom('files')
        .select('name')
        .where('ownerId', '=', ownerId)
        .where(begins, '=', start)
        .execute()
      return rows.map(({ name }) => name)
    },

    /** Files by name. @param viewer limits them to files that this member owns or shares; null for all */
    list: (query: Pick<PageQuery, 'limit' | 'cursor'>, viewer: Viewer): Promise<PageOf<FileRow>> =>
      listPage(tables.selectFrom('files'), {
        query,
        order: byName,
        where: [visibleTo(viewer, 'file', { id: 'files.id', owner: 'files.ownerId' })],
        view: (files) => files.selectAll('files'),
        toItems: (rows) => rows.map(file.toRow),
      }),

    /**
     * The owner's file of this name; if there is none, an empty one is made.
     * @param inRoot it may lie in the folder itself, unless another file has the name there; otherwise it gets its own
     * folder
     * @throws LatchworkError `share_full`
     */
    ensure,

    /** Gives unknown files in the folder itself to the administrators. */
    async adopt(names: readonly string[]): Promise<void> {
      const there = await tables.selectFrom('files').select('storedName').where('folder', '=', '').execute()
      const known = new Set(there.map(({ storedName }) => storedName))
      const unknown = names.filter((name) => !known.has(name))
      for (let start = 0; start < unknown.length; start += namesAtOnce) {
        const rows = unknown.slice(start, start + namesAtOnce).map((name) => ({
          ...file.toColumns({
            id: newId('file'),
            ownerId: null,
            name,
            folder: '',
            storedName: name,
            bytes: 0,
          }),
          createdAt: sql.now,
        }))
        await tables
          .insertInto('files')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      }
    },

    /** @param erased called with the file after the commit */
    async erase(id: string, erased: (gone: FileRow) => void = () => undefined): Promise<void> {
      const row = await tables.deleteFrom('files').where('id', '=', id).returningAll().executeTakeFirst()
      if (row === undefined) return
      await tables.deleteFrom('resourceGrants').where('resourceId', '=', id).execute()
      const { unit } = database
      if (unit === null) erased(file.toRow(row))
      else unit.afterCommit(() => erased(file.toRow(row)))
    },

    /** Bytes of all files of an owner except one; 0 if there are none. */
    bytesOf: (ownerId: string, exceptId: string): Promise<number> => bytesOf(tables, ownerId, exceptId),

    /**
     * Reserves the future size of a file. `full` if its owner's files would hold more than `most` bytes, also if
     * several grow at once. `gone` if it was deleted.
     * @throws LatchworkError `share_full` for a file that its owner was given beyond the number that one may have
     */
    async claim(id: string, bytes: number, most: number): Promise<'ok' | 'full' | 'gone'> {
      return tables.transaction().execute(async (transaction) => {
        const row = await transaction
          .selectFrom('files')
          .select('ownerId')
          .where('id', '=', id)
          .executeTakeFirst()
        if (row === undefined) return 'gone'
        const { ownerId } = row
        if (ownerId !== administrators.id) {
          await refuseBeyondShare(database, transaction, ownerId, 'files', () =>
            othersOf(transaction, ownerId, id),
          )
          if ((await bytesOf(transaction, ownerId, id)) + bytes > most) return 'full'
        }
        await transaction.updateTable('files').set({ bytes }).where('id', '=', id).execute()
        return 'ok'
      })
    },

    /** The file that a source named when it was saved. */
    async ofSource(sourceId: string): Promise<FileRow | null> {
      const row = await tables
        .selectFrom('sideFiles')
        .innerJoin('files', 'files.id', 'sideFiles.fileId')
        .selectAll('files')
        .where('sideId', '=', sourceId)
        .executeTakeFirst()
      return row === undefined ? null : file.toRow(row)
    },

    /** Binds the file that a source reads, or that a destination names by its id. Null removes the binding. */
    async bind(sideId: string, fileId: string | null): Promise<void> {
      if (fileId === null) {
        await tables.deleteFrom('sideFiles').where('sideId', '=', sideId).execute()
        return
      }
      await tables
        .insertInto('sideFiles')
        .values({ sideId, fileId })
        .onConflict((conflict) => conflict.column('sideId').doUpdateSet({ fileId }))
        .execute()
    },

    /**
     * Flows whose source or destination is bound to the file, with their owners, and whether the file is named by its
     * id.
     */
    async flowsOf(id: string): Promise<{ id: string; ownerId: string; byId: boolean }[]> {
      const rows = await tables
        .selectFrom('sideFiles')
        .innerJoin('sides', 'sides.id', 'sideFiles.sideId')
        .innerJoin('flows', (join) =>
          join.on((eb) =>
            eb.or([
              eb('flows.sourceId', '=', eb.ref('sideFiles.sideId')),
              eb('flows.destinationId', '=', eb.ref('sideFiles.sideId')),
            ]),
          ),
        )
        .select(['flows.id', 'flows.ownerId', 'sides.config'])
        .where('sideFiles.fileId', '=', id)
        .execute()
      return rows.map(({ config, ...flow }) => ({
        ...flow,
        byId: Object.values(readJson(config, textMapSchema, 'sides.config')).includes(id),
      }))
    },
  }
}

export type FileStore = ReturnType<typeof openFileStore>

async function bytesOf(tables: Database['tables'], ownerId: string, exceptId: string): Promise<number> {
  const { sum } = await tables
    .selectFrom('files')
    .select((eb) => eb.fn.sum<number | string | null>('bytes').as('sum'))
    .where('ownerId', '=', ownerId)
    .where('id', '<>', exceptId)
    .executeTakeFirstOrThrow()
  return Number(sum ?? 0)
}

/** How many other files an owner has. */
function othersOf(tables: Database['tables'], ownerId: string, id: string) {
  return tables
    .selectFrom('files')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('ownerId', '=', ownerId)
    .where('id', '<>', id)
    .executeTakeFirstOrThrow()
}
