import { administrators, newId } from '@latchwork/contract'
import type { Selectable } from 'kysely'
import { readJson, textMapSchema } from './columns.ts'
import type { Database } from './database.ts'
import type { FileRow, FileStore } from './files-interface.ts'
import { holdShare } from './holding.ts'
import type { FileTable } from './tables.ts'
import { visibleTo } from './viewing.ts'

/** Names to one insert: both databases limit the values of a statement. */
const namesAtOnce = 1000

export function openFileStore(database: Database): FileStore {
  const { sql, tables } = database
  const find = async (id: string): Promise<FileRow | null> => {
    const row = await tables.selectFrom('files').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toRow(row)
  }
  const findByName = async (ownerId: string | null, name: string): Promise<FileRow | null> => {
    const row = await tables
      .selectFrom('files')
      .selectAll()
      .where('ownerId', '=', ownerId ?? administrators.id)
      .where('name', '=', name)
      .executeTakeFirst()
    return row === undefined ? null : toRow(row)
  }
  const ensure = async (id: string, ownerId: string, name: string, inRoot: boolean): Promise<FileRow> => {
    const folder = inRoot && !(await isTaken(name)) ? '' : id
    await tables
      .insertInto('files')
      .values({ id, ownerId, name, folder, storedName: name, bytes: 0, createdAt: sql.now })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const row = await findByName(ownerId, name)
    // Otherwise another has taken the name in the folder, or erased the file, at once.
    return row ?? ensure(id, ownerId, name, false)
  }
  /** Some file systems take names for the same that differ in capitals only. */
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
    findByName,

    async list(memberId) {
      let query = tables.selectFrom('files').selectAll().orderBy('name').orderBy('id')
      const viewer = memberId === null ? null : { memberId }
      const visible = visibleTo(viewer, 'file', { id: 'files.id', owner: 'files.ownerId' })
      if (visible !== null) query = query.where(visible)
      return (await query.execute()).map(toRow)
    },

    ensure,

    async adopt(names) {
      const there = await tables.selectFrom('files').select('storedName').where('folder', '=', '').execute()
      const known = new Set(there.map(({ storedName }) => storedName))
      const unknown = names.filter((name) => !known.has(name))
      for (let start = 0; start < unknown.length; start += namesAtOnce) {
        const rows = unknown.slice(start, start + namesAtOnce).map((name) => ({
          id: newId('file'),
          ownerId: administrators.id,
          name,
          folder: '',
          storedName: name,
          bytes: 0,
          createdAt: sql.now,
        }))
        await tables
          .insertInto('files')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      }
    },

    async erase(id, erased = () => undefined) {
      const row = await tables.deleteFrom('files').where('id', '=', id).returningAll().executeTakeFirst()
      if (row === undefined) return
      await tables.deleteFrom('resourceGrants').where('resourceId', '=', id).execute()
      const { unit } = database
      if (unit === null) erased(toRow(row))
      else unit.afterCommit(() => erased(toRow(row)))
    },

    bytesOf: (ownerId, exceptId) => bytesOf(tables, ownerId, exceptId),

    async claim(id, bytes, most) {
      return tables.transaction().execute(async (transaction) => {
        const row = await transaction
          .selectFrom('files')
          .select('ownerId')
          .where('id', '=', id)
          .executeTakeFirst()
        if (row === undefined) return 'gone'
        const { ownerId } = row
        if (ownerId !== administrators.id) {
          await holdShare(database, transaction, ownerId)
          if ((await bytesOf(transaction, ownerId, id)) + bytes > most) return 'full'
        }
        await transaction.updateTable('files').set({ bytes }).where('id', '=', id).execute()
        return 'ok'
      })
    },

    async ofSource(sourceId) {
      const row = await tables
        .selectFrom('endFiles')
        .innerJoin('files', 'files.id', 'endFiles.fileId')
        .selectAll('files')
        .where('endId', '=', sourceId)
        .executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    async bind(endId, fileId) {
      if (fileId === null) {
        await tables.deleteFrom('endFiles').where('endId', '=', endId).execute()
        return
      }
      await tables
        .insertInto('endFiles')
        .values({ endId, fileId })
        .onConflict((conflict) => conflict.column('endId').doUpdateSet({ fileId }))
        .execute()
    },

    async flowsOf(id) {
      const rows = await tables
        .selectFrom('endFiles')
        .innerJoin('ends', 'ends.id', 'endFiles.endId')
        .innerJoin('flows', (join) =>
          join.on((eb) =>
            eb.or([
              eb('flows.sourceId', '=', eb.ref('endFiles.endId')),
              eb('flows.destinationId', '=', eb.ref('endFiles.endId')),
            ]),
          ),
        )
        .select(['flows.id', 'flows.ownerId', 'ends.config'])
        .where('endFiles.fileId', '=', id)
        .execute()
      return rows.map(({ config, ...flow }) => ({
        ...flow,
        byId: Object.values(readJson(config, textMapSchema, 'ends.config')).includes(id),
      }))
    },
  }
}

async function bytesOf(tables: Database['tables'], ownerId: string, exceptId: string): Promise<number> {
  const { sum } = await tables
    .selectFrom('files')
    .select((eb) => eb.fn.sum<number | string | null>('bytes').as('sum'))
    .where('ownerId', '=', ownerId)
    .where('id', '<>', exceptId)
    .executeTakeFirstOrThrow()
  return Number(sum ?? 0)
}

function toRow({ createdAt: _createdAt, ownerId, ...row }: Selectable<FileTable>): FileRow {
  return { ...row, ownerId: ownerId === administrators.id ? null : ownerId }
}
