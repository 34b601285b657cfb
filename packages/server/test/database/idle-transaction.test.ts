import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openPostgres } from '../../src/database/postgres.ts'
import { makePostgresPlace } from './database.ts'

it('lets go of what a process has locked that stands still in the middle of a transaction', async () => {
  const place = await makePostgresPlace()
  const url = place.settings.databaseUrl?.reveal() ?? ''
  const [still, other] = [await openPostgres(url, 300), await openPostgres(url)]
  try {
    await sql`insert into metadata (name, value) values ('turn', 'nobody')`.execute(other.tables)
    const locked = Promise.withResolvers<void>()
    const standing = still.tables.transaction().execute(async (transaction) => {
      await sql`update metadata set value = 'still' where name = 'turn'`.execute(transaction)
      locked.resolve()
      await waitFor(async () => {
        const { rows } = await sql<{ value: string }>`select value from metadata where name = 'turn'`.execute(
          other.tables,
        )
        return rows.every(({ value }) => value === 'other')
      })
      await sql`update metadata set value = 'awake' where name = 'turn'`.execute(transaction)
    })
    const ended = expect(standing).rejects.toMatchObject({ code: 'storage_unavailable' })
    await locked.promise
    await sql`update metadata set value = 'other' where name = 'turn'`.execute(other.tables)
    await ended
    const { rows } = await sql<{ value: string }>`select value from metadata where name = 'turn'`.execute(
      still.tables,
    )
    expect(rows).toEqual([{ value: 'other' }])
  } finally {
    await still.close()
    await other.close()
    await place.remove()
  }
})

async function waitFor(isThere: () => Promise<boolean>): Promise<void> {
  while (!(await isThere())) await sleep(20)
}
