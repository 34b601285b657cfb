import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenStores, openStores } from '../../src/app/stores.ts'
import { makePostgresPlace, type TestPlace } from './database.ts'
import { fromNow, newCredential, newEnd, newFlow } from './samples.ts'

/** What happens in the midst of another process' transaction: only PostgreSQL has a midst. */
describe('PostgreSQL, while another process is at it', () => {
  let place: TestPlace
  let stores: OpenStores
  let rival: OpenStores
  beforeAll(async () => {
    place = await makePostgresPlace()
    stores = await openStores(place.settings)
    rival = await openStores(place.settings)
  })
  afterAll(async () => {
    await stores.close()
    await rival.close()
    await place.remove()
  })

  /** Sessions of this database that wait for another's lock. */
  const waiting = async () => {
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(stores.database.auth)
    return rows[0]?.count
  }

  it('takes no credential into use whose deletion is being committed', async () => {
    const { id } = await stores.credentials.insert(newCredential())
    const begun = await rival.database.tables.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('credentials')
        .set({ deletedAt: Date.now() })
        .where('id', '=', id)
        .execute()
      const use = stores.sides.insert(newEnd({ credentialId: id })).then(
        () => 'used',
        (error: unknown) => error,
      )
      await expect.poll(waiting).toBe(1)
      return { use }
    })
    expect(await begun.use).toMatchObject({ code: 'credential_not_found' })
  })

  it('passes over flows and drafts that are just being taken, without waiting', async () => {
    const draft = await stores.credentials.insert(
      newCredential({ name: '', status: 'draft', draftExpiresAt: fromNow(-1_000) }),
    )
    const source = await stores.sides.insert(newEnd({ kind: 'source' }))
    const destination = await stores.sides.insert(newEnd({ kind: 'destination' }))
    const flow = await stores.flows.insert(
      newFlow(source.id, destination.id, {
        schedule: { kind: 'every', minutes: 5 },
        nextRunAt: fromNow(-1_000),
      }),
    )
    await rival.database.tables.transaction().execute(async (transaction) => {
      await transaction.selectFrom('flows').select('id').where('id', '=', flow.id).forUpdate().execute()
      await transaction
        .selectFrom('credentials')
        .select('id')
        .where('id', '=', draft.id)
        .forUpdate()
        .execute()
      expect(await stores.flows.takeDue(10)).toEqual([])
      expect(await stores.credentials.takeExpiredDrafts(10)).toEqual([])
    })
    expect((await stores.flows.takeDue(10)).map(({ id }) => id)).toEqual([flow.id])
    expect((await stores.credentials.takeExpiredDrafts(10)).map(({ id }) => id)).toEqual([draft.id])
  })
})
