import { newId, type RunStatus } from '@latchwork/contract'
import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { openStores } from '../../src/app/stores.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { makePostgresPlace, makeSqlitePlace } from './database.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

/** A run as it was stored: its status, and its records read, written and refused. */
const before = [
  ['succeeded', 30, 30, 0, 'succeeded'],
  ['succeeded', 0, 0, 0, 'succeeded'],
  ['succeeded', 30, 27, 3, 'partial'],
  ['succeeded', 249, 0, 249, 'failed'],
  ['failed', 30, 10, 0, 'failed'],
  ['cancelled', 30, 10, 2, 'cancelled'],
  ['queued', 0, 0, 0, 'queued'],
  ['running', 200, 200, 0, 'running'],
] as const satisfies readonly (readonly [string, number, number, number, RunStatus])[]

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('runs that were kept before there were partial ones, on %s', (_, makePlace) => {
  it('are called by their counts, with all that belongs to them', async () => {
    const place = await makePlace('none')
    cleanups.push(() => place.remove())
    const database = await openDatabase(place.settings)
    await migrate(database, '0021-words')
    const { tables } = database
    const add = async (table: string, row: Record<string, unknown>) =>
      sql`insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((name) => sql.ref(name)))})
        values (${sql.join(Object.values(row))})`.execute(tables)
    const named = (name: string) => ({ name, name_key: name, description: '' })
    const times = { search_name: '', search_description: '', created_at: 1, updated_at: 1 }
    for (const kind of ['source', 'destination'])
      await add('sides', {
        id: kind,
        kind,
        connector: 'files',
        owner_id: 'usr_1',
        ...named(kind),
        config: '{}',
        ...times,
      })
    const runs: { id: string; status: RunStatus }[] = []
    for (const [index, [status, read, written, refused, after]] of before.entries()) {
      const flow = { source_id: 'source', destination_id: 'destination', owner_id: 'usr_1' }
      const flowId = newId('flow')
      await add('flows', { id: flowId, ...named(`Flow ${index}`), ...flow, ...times })
      const id = newId('run')
      const counts = { records_read: read, records_written: written, records_refused: refused }
      await add('runs', { id, flow_id: flowId, status, ...counts, created_at: index })
      await add('run_keys', { run_id: id, sealed: 'sealed' })
      runs.push({ id, status: after })
    }
    await database.close()

    const stores = await openStores(place.settings)
    cleanups.push(() => stores.close())
    for (const { id, status } of runs) {
      expect(await stores.runs.find(id)).toMatchObject({ status, attempt: 0 })
      expect(await stores.records.key(id)).toBe('sealed')
    }
    const { items } = await stores.runs.list({ query: '', limit: 50, status: 'partial' })
    expect(items).toMatchObject([{ id: runs[2]?.id, error: null }])
    expect(await stores.runs.find(runs[3]?.id ?? '')).toMatchObject({ error: { code: 'nothing_written' } })
  })
})
