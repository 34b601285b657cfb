import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { type OpenStores, openStores } from '../../src/app/stores.ts'
import { credentialCodec } from '../../src/database/credential-tables.ts'
import { drawn } from '../drawn.ts'
import { makePostgresPlace, openTestStores } from './database.ts'
import { fromNow, newCredential } from './samples.ts'

const rounds = 60
const words = ['nordwind', 'ostrava', 'juniper', 'marlow']

describe('the words of credentials on PostgreSQL', () => {
  it('are those of the saved ones, whatever two processes change at the same time', () =>
    drawn(async (draw) => {
      await using test = await openTestStores(makePostgresPlace)
      const { stores } = test
      const rival = await openStores(test.settings)
      const someWord = () => draw.oneOf(words)
      const insert = (on: OpenStores, number: number, draft: boolean) =>
        on.credentials.insert(
          newCredential({
            name: `Number ${number}`,
            description: someWord(),
            ...(draft ? { status: 'draft', draftExpiresAt: fromNow(60_000) } : {}),
          }),
        )
      const made = await Promise.all(
        Array.from({ length: 6 }, (_, number) => insert(stores, number, number < 2)),
      )
      const change = async ({ credentials }: OpenStores, id: string): Promise<unknown> => {
        const what = draw.number(6)
        if (what === 0) return credentials.update(id, { deletedAt: fromNow(0) })
        if (what === 1) return credentials.update(id, { deletedAt: null })
        if (what === 2) return credentials.update(id, { status: 'failed' })
        if (what === 3) return credentials.update(id, { tags: [someWord()] })
        return credentials.update(id, { description: someWord() })
      }
      for (let round = 0; round < rounds; round++)
        await Promise.all(made.flatMap(({ id }) => [stores, rival].map((on) => change(on, id))))
      await insert(rival, rounds, false)
      await rival.close()
      await stores.credentials.update(made[0]?.id ?? '', { deletedAt: fromNow(-1000) })
      expect(await stores.credentials.eraseDeleted(0)).toBeGreaterThan(0)

      await expectWhole(stores)
    }))

  it('leave the vocabulary with what is erased, although two took the last holders away at once', async () => {
    await using test = await openTestStores(makePostgresPlace)
    const { credentials, database } = test.stores
    const inVocabulary = async () => {
      const { rows } = await sql`select 1 from credential_vocabulary where word = 'zephyr'`.execute(
        database.tables,
      )
      return rows.length
    }
    const [one, other] = await Promise.all(
      [0, 1].map(() => credentials.insert(newCredential({ description: 'zephyr' }))),
    )
    const rewrite = (tables: OpenStores['database']['tables'], id = '') =>
      tables.updateTable('credentials').set({ searchDescription: '' }).where('id', '=', id).execute()
    await database.tables.transaction().execute(async (transaction) => {
      await rewrite(transaction, one?.id)
      await rewrite(database.tables, other?.id)
    })
    expect(await inVocabulary()).toBe(1)
    await credentials.update(one?.id ?? '', { deletedAt: fromNow(-1000) })
    await credentials.eraseDeleted(0)
    expect(await inVocabulary()).toBe(0)
    await expectWhole(test.stores)
  })

  it('stay in the vocabulary while somebody adds what another takes away, whoever ends first', async () => {
    await using test = await openTestStores(makePostgresPlace)
    const { stores } = test
    const rival = await openStores(test.settings)
    const { tables } = stores.database
    const add = (description: string) => stores.credentials.insert(newCredential({ description }))

    const last = await add('zephyr')
    await tables.transaction().execute(async (adding) => {
      const columns = credentialCodec.toColumns(newCredential({ description: 'zephyr' }))
      const times = { createdAt: 0, updatedAt: 0 }
      await adding
        .insertInto('credentials')
        .values({ ...columns, ...times })
        .execute()
      await rival.credentials.update(last.id, { description: 'calm' })
    })
    await expectWhole(stores)

    const other = await add('mistral')
    let added: Promise<unknown> | undefined
    await tables.transaction().execute(async (taking) => {
      await taking
        .updateTable('credentials')
        .set({ searchDescription: 'calm' })
        .where('id', '=', other.id)
        .execute()
      added = rival.credentials.insert(newCredential({ description: 'mistral' }))
      await waitsForLock(tables)
    })
    await added
    await expectWhole(stores)
    await rival.close()
  })
})

/** Words are those of the saved credentials, and the vocabulary has each once. */
async function expectWhole({ database: { tables } }: OpenStores): Promise<void> {
  const expected = await sql`select word, name_key, id as credential_id from credentials,
    unnest(credential_words_of(
      search_name || ' ' || search_description || ' ' || search_account || ' ' || search_tags)) word
    where status <> 'draft' and deleted_at is null order by word, name_key`.execute(tables)
  const kept = await sql`select * from credential_words order by word, name_key`.execute(tables)
  expect(kept.rows).toEqual(expected.rows)
  const vocabulary = await sql`select word from credential_vocabulary order by word`.execute(tables)
  const distinct = await sql`select distinct word from credential_words order by word`.execute(tables)
  expect(vocabulary.rows).toEqual(distinct.rows)
}

async function waitsForLock(tables: OpenStores['database']['tables']): Promise<void> {
  const waiting = sql`select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
  await expect.poll(async () => (await waiting.execute(tables)).rows.length).toBe(1)
}
