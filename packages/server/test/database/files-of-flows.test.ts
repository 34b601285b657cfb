import { newId } from '@latchwork/contract'
import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { openStores } from '../../src/app/stores.ts'
import { nameColumns } from '../../src/database/folding.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { makePostgresPlace, makeSqlitePlace } from './database.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

/** As it was before destinations were bound to the files that they name by id. */
async function filledDatabase(makePlace: typeof makeSqlitePlace) {
  const place = await makePlace('none')
  cleanups.push(() => place.remove())
  const database = await openDatabase(place.settings)
  await migrate(database, '0016-sealed-records')
  const { tables } = database
  let count = 0
  const addFile = async (ownerId: string, name: string, folder = ''): Promise<string> => {
    const id = newId('file')
    await sql`insert into files (id, owner_id, name, folder, stored_name, bytes, created_at)
      values (${id}, ${ownerId}, ${name}, ${folder === 'own' ? id : folder}, ${name}, 3, 1)`.execute(tables)
    return id
  }
  const addEnd = async (kind: 'source' | 'destination', config: string, connector = 'files') => {
    const id = newId(kind)
    count += 1
    await sql`insert into ends (id, kind, connector, owner_id, name, name_key, description, config, search_name,
        search_description, created_at, updated_at)
      values (${id}, ${kind}, ${connector}, 'usr_1', ${`Side ${count}`}, ${nameColumns(`Side ${count}`).sortName}, '',
        ${config}, '', '', 1, 1)`.execute(tables)
    return id
  }
  return {
    addFile,
    addEnd,
    addFlow: async (sourceId: string, destinationId: string): Promise<string> => {
      const id = newId('flow')
      await sql`insert into flows (id, name, name_key, description, owner_id, source_id, destination_id, search_name,
          search_description, created_at, updated_at)
        values (${id}, ${id}, ${nameColumns(id).sortName}, '', 'usr_1', ${sourceId}, ${destinationId}, '', '', 1, 1)`.execute(
        tables,
      )
      return id
    },
    bindSource: (id: string, fileId: string) =>
      sql`insert into source_files (source_id, file_id) values (${id}, ${fileId})`.execute(tables),
    eraseFile: (id: string) => sql`delete from files where id = ${id}`.execute(tables),
    migrated: async () => {
      await database.close()
      const stores = await openStores(place.settings)
      cleanups.push(() => stores.close())
      return stores
    },
  }
}

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)(
  '#52 files of flows that were made before destinations were bound to theirs, on %s',
  (_, makePlace) => {
    it('know which flows read and write them', async () => {
      const { addFile, addEnd, addFlow, bindSource, eraseFile, migrated } = await filledDatabase(makePlace)
      const json = JSON.stringify
      // Twins: one name, two owners.
      const read = await addFile('usr_1', 'leads.csv')
      const twin = await addFile('usr_2', 'leads.csv', 'own')
      const written = await addFile('usr_2', 'out.jsonl')
      const unused = await addFile('usr_1', 'unused.csv')
      const deleted = await addFile('usr_1', 'deleted.csv')
      const gone = newId('file')

      const byName = await addEnd('source', json({ file: 'leads.csv', format: 'csv' }))
      await bindSource(byName, read)
      const byId = await addEnd('source', json({ file: twin, format: 'csv' }))
      await bindSource(byId, twin)
      const ofDeleted = await addEnd('source', json({ file: 'deleted.csv' }))
      await bindSource(ofDeleted, deleted)
      await eraseFile(deleted)
      const unbound = await addEnd('source', json({ file: twin }))

      const toWritten = await addEnd('destination', json({ file: written, format: 'jsonl' }))
      const alsoWritten = await addEnd('destination', json({ format: 'jsonl', file: written, delimiter: '' }))
      const toTwin = await addEnd('destination', json({ file: twin }))
      const toName = await addEnd('destination', json({ file: 'leads.csv' }))
      const toDeleted = await addEnd('destination', json({ file: deleted }))
      const toGone = await addEnd('destination', json({ file: gone }))
      const odd = []
      for (const config of [
        '{}',
        json({ file: '' }),
        json({ format: written }),
        json({ file: 'a.csv', format: 'a NUL \u0000' }),
        json({ file: 'half a character \ud800' }),
        json({ file: 'quoted "file":"', format: `"file":"${written}"` }),
        json({ file: 'ärger 🌲.csv' }),
      ]) {
        odd.push(await addEnd('destination', config))
      }
      const elsewhere = await addEnd('destination', json({ file: written, table: '\u0000' }), 'postgres')

      const flows = new Map<string, string>()
      const add = async (name: string, ...sides: [string, string]) => flows.set(name, await addFlow(...sides))
      await add('name to written', byName, toWritten)
      await add('name to twin', byName, toTwin)
      await add('id to written', byId, toWritten)
      await add('id to also written', byId, alsoWritten)
      await add('deleted to name', ofDeleted, toName)
      await add('deleted to deleted', ofDeleted, toDeleted)
      await add('unbound to gone', unbound, toGone)
      for (const [index, side] of odd.entries()) await add(`name to odd ${index}`, byName, side)
      await add('name to elsewhere', byName, elsewhere)

      const { files, flows: stored } = await migrated()
      const flowsOf = async (fileId: string) => {
        const found = await files.flowsOf(fileId)
        return found.map(({ id, byId: named }) => {
          const [name] = [...flows].find(([, flowId]) => flowId === id) ?? []
          return `${name}${named ? ', by id' : ''}`
        })
      }
      const odds = odd.map((_side, index) => `name to odd ${index}`)
      expect((await flowsOf(read)).sort()).toEqual(
        ['name to written', 'name to twin', ...odds, 'name to elsewhere'].sort(),
      )
      expect((await flowsOf(twin)).sort()).toEqual(
        ['name to twin, by id', 'id to written, by id', 'id to also written, by id'].sort(),
      )
      expect((await flowsOf(written)).sort()).toEqual(
        ['name to written, by id', 'id to written, by id', 'id to also written, by id'].sort(),
      )
      expect(await flowsOf(unused)).toEqual([])
      expect([await flowsOf(deleted), await flowsOf(gone)]).toEqual([[], []])
      for (const id of flows.values()) expect(await stored.find(id)).not.toBeNull()
      // A file that is deleted from now on takes its bindings along.
      await files.erase(written)
      expect(await flowsOf(written)).toEqual([])
      expect(await flowsOf(twin)).toHaveLength(3)
    })
  },
)
