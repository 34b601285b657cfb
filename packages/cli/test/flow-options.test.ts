import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flowSchema } from '@latchwork/contract'
import { beforeAll, expect, it } from 'vitest'
import { postgresPlace } from '../../../tools/test-databases/place.ts'
import type { Shell } from './command.ts'
import { keyOf, startProduct } from './server.ts'
import { signedInShell } from './signing-in.ts'

/* The options of commands about flows that no other test gives: what the server stores for each. */

let shell: Shell
beforeAll(async () => {
  const place = await postgresPlace('none')
  const url = new URL(place.databaseUrl ?? '')
  const product = await startProduct()
  shell = await signedInShell(product)
  const { credentials, sources, destinations } = product.person.client
  const close = { connector: 'close', method: 'api_key', name: 'Close' }
  const { id: reads } = await credentials.create({
    body: { ...close, values: { apiKey: keyOf(product).key } },
  })
  const tables = {
    ...{ host: url.hostname, port: url.port || '5432', database: url.pathname.slice(1), tls: 'disable' },
    ...{ user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) || 'none' },
  }
  const { id: writes } = await credentials.create({
    body: { connector: 'postgres', method: 'password', name: 'Tables', values: tables },
  })
  const source = { connector: 'close', credentialId: reads, config: { object: 'streams' } }
  for (const name of ['Close', 'Close again']) await sources.create({ body: { ...source, name } })
  const destination = { connector: 'postgres', credentialId: writes, config: { schema: 'public' } }
  await destinations.create({ body: { ...destination, name: 'Tables' } })
  writeFileSync(join(shell.home, 'notes.json'), JSON.stringify({ path: '/activity/note/' }))
  return async () => {
    shell[Symbol.dispose]()
    await product[Symbol.asyncDispose]()
    await place.remove()
  }
})

/** A flow as the server has it after a command. */
const flowOf = async (...args: string[]) => flowSchema.parse(await shell.json(['flow', ...args]))
const ends = ['--from', 'Close', '--to', 'Tables']
const byHand = () => ['--by-hand', `jottings=${join(shell.home, 'notes.json')}`]

it('a flow is made with streams, parameters, a schema, and how often ids are compared', async () => {
  const made = await flowOf(
    ...['create', 'Chosen', ...ends, '--schema', 'own', '--compare', 'weekly', '--deleted', 'remove'],
    ...['--stream', 'leads=full', '--set', 'leads.created_from=2020-01-01', '--lists-apart', 'leads'],
    ...byHand(),
  )
  expect(made).toMatchObject({
    ...{ schema: 'own', compare: 'weekly' },
    streams: {
      everything: false,
      chosen: [
        {
          ...{ stream: 'leads', mode: 'full', deletions: 'remove', lists: 'tables' },
          parameters: { created_from: '2020-01-01' },
        },
        { stream: 'by_hand:jottings', parameters: { path: '/activity/note/' } },
      ],
    },
  })
})

it('a flow is made of everything, and is changed in each of that', async () => {
  const made = await flowOf(
    ...['create', 'Whole', ...ends, '--everything', '--same-records', 'whole', '--deleted', 'leave'],
    '--lists-apart',
  )
  expect(made.streams).toMatchObject({
    ...{ everything: true, sameRecords: 'whole', deletions: 'leave', lists: 'tables' },
  })
  const changed = await flowOf(
    ...['update', 'Whole', '--everything', '--same-records', 'both', '--compare', 'monthly', '--yes'],
    '--lists-apart',
  )
  expect(changed).toMatchObject({
    compare: 'monthly',
    streams: { everything: true, sameRecords: 'both', deletions: 'mark', lists: 'tables' },
  })
})

it('a flow is scheduled on weekdays in a time zone, paused, and told of its columns', async () => {
  const at = ['schedule', 'Whole', '06:30', '--weekdays', '--time-zone', 'Europe/Zurich']
  expect((await flowOf(...at)).schedule).toEqual({
    ...{ kind: 'cron', cron: '30 6 * * 1-5', timeZone: 'Europe/Zurich' },
  })
  const paused = await shell.json(['flow', 'pause', 'Whole'])
  expect(paused).toMatchObject({ paused: expect.anything() })
  expect((await flowOf('alerts', 'Whole', '--no-schema-changes')).watch.schemaChanges).toBe(false)
  expect((await flowOf('alerts', 'Whole', '--schema-changes')).watch.schemaChanges).toBe(true)
  expect(await shell.json(['flow', 'lacking', 'Whole'])).toEqual({ items: [], total: 0 })
  expect(await shell.json(['source', 'list', '--limit', '1'])).toMatchObject({
    ...{ items: [{ connector: 'close' }], total: 2 },
  })
})

it('a flow moves to another source with a choice and a schema of its own', async () => {
  const move = ['move', 'Chosen', '--from', 'Close again', '--reread', '--again', '--schema', 'other']
  const moved = await flowOf(
    ...[...move, '--stream', 'contacts', '--column', 'contacts:name=called', '--deleted', 'leave'],
    ...['--set', 'contacts.created_from=2021-01-01', '--lists-apart', ...byHand()],
  )
  expect(moved).toMatchObject({
    ...{ schema: 'other', source: { name: 'Close again' } },
    streams: {
      chosen: [
        {
          ...{ stream: 'contacts', deletions: 'leave', lists: 'tables' },
          ...{ columns: [{ name: 'name', as: 'called' }], parameters: { created_from: '2021-01-01' } },
        },
        { stream: 'by_hand:jottings' },
      ],
    },
  })
  const back = ['move', 'Chosen', '--from', 'Close', '--reread', '--schema', '']
  expect(await flowOf(...back, '--everything', '--same-records', 'parts')).toMatchObject({
    ...{ schema: null, source: { name: 'Close' }, streams: { everything: true, sameRecords: 'parts' } },
  })
})
