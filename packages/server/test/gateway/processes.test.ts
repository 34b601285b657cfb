import type { Client } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { RefreshWithClose } from '../credentials/refresh-with-close.ts'
import { makePostgresPlace, type TestPlace } from '../database/database.ts'
import { type Running, startRunning } from '../running.ts'
import { callGateway, newToken } from './calling.ts'

let sandbox: Sandbox
let place: TestPlace
let one: Running
let other: Running
let client: Client
let credentialId: string
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 3 })
  place = await makePostgresPlace()
  const { databaseUrl } = place.settings
  one = await startRunning(sandbox, { settings: { databaseUrl } })
  const { masterKeyFile } = one.settings
  other = await startRunning(sandbox, { settings: { databaseUrl, masterKeyFile } })
  client = (await one.signedIn()).client
  const values = { apiKey: sandbox.apiKeys[0]?.key ?? '' }
  const body = { connector: 'close', method: 'api_key', name: 'Close', values }
  credentialId = (await client.credentials.create({ body })).id
})
afterAll(async () => {
  await other?.stop()
  await one?.stop()
  await place?.remove()
  await sandbox?.close()
})

const path = '/api/v1/lead/?_limit=1'

it('#43 a pass that is revoked in one process is refused by the other within a second, under load', async () => {
  const { id, token } = await newToken(client, credentialId)
  const ended = { ms: 0, lastAnswered: 0, refused: false }
  const lane = async () => {
    while (!ended.refused) {
      const { status } = await callGateway(other, token, path)
      if (status === 401 && ended.ms > 0) ended.refused = true
      else if (status === 200) ended.lastAnswered = performance.now()
    }
  }
  const lanes = Array.from({ length: 8 }, lane)
  await expect.poll(() => ended.lastAnswered).toBeGreaterThan(0)
  await client.passes.revoke({ params: { id } })
  ended.ms = performance.now()
  await Promise.all(lanes)
  // A call that began before may end a moment later.
  expect(ended.lastAnswered - ended.ms).toBeLessThan(1000)
})

it('a ceiling a day is one for all processes', async () => {
  const { token } = await newToken(client, credentialId, { perDay: 9 })
  const statuses = await Promise.all(
    Array.from({ length: 24 }, (_, index) =>
      callGateway(index % 2 === 0 ? one : other, token, path).then(({ status }) => status),
    ),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(9)
  expect(statuses.filter((status) => status === 429)).toHaveLength(15)
})

it('#18 many calls at once, of many passes, whose token just ran out, refresh it once', async () => {
  const ground = await RefreshWithClose.start()
  try {
    const { person, server } = ground.made
    const id = await ground.authorized()
    const tokens: string[] = []
    for (let count = 0; count < 20; count++) tokens.push((await newToken(person.client, id)).token)
    ground.forward(2 * 3_600_000)
    ground.made.sandbox.control.clearRequests()
    const statuses = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        callGateway(server, tokens[index % tokens.length] ?? null, path).then(({ status }) => status),
      ),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(ground.posts).toBe(1)
  } finally {
    await ground.made.stop()
  }
})

it('#41 neither the token of a pass nor the key of Close stands in the log, the records or the audit', async () => {
  const key = sandbox.apiKeys[0]?.key ?? ''
  const { id, token } = await newToken(client, credentialId)
  const basic = `Basic ${Buffer.from(`${token}:`).toString('base64')}`
  await callGateway(one, token, path)
  await callGateway(one, null, `/api/v1/contact/?api_key=${token}`, { headers: { authorization: basic } })
  await callGateway(one, null, `/api/v1/lead/${token}/`, { headers: { authorization: basic } })
  await expect.poll(async () => (await client.passes.calls({ params: { id } })).items.length).toBe(3)
  const shown = JSON.stringify([
    one.log,
    other.log,
    await client.passes.calls({ params: { id } }),
    await client.audit.list({}),
    await client.passes.list({}),
    await client.passes.counts({ params: { id } }),
  ])
  for (const secret of [token, key, basic.slice(6)]) expect(shown.includes(secret)).toBe(false)
})
