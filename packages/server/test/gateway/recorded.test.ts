import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { passObjects } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startWithClose, type WithClose } from '../with-close.ts'
import { callGateway, newToken } from './calling.ts'

/*
 * What known clients of Close sent when they ran against the gateway, with nothing changed but the address and the key:
 * each request but for its host, connection and authorization. `{lead}` is an id that an answer before has `learned`.
 */
const recorded = z
  .array(
    z.strictObject({
      client: z.string(),
      requests: z.array(
        z.strictObject({
          method: z.string(),
          path: z.string().startsWith('/close/'),
          headers: z.record(z.string(), z.string()),
          body: z.string().exactOptional(),
          status: z.int(),
          /** Names of ids, and where they stand in the answer. */
          learns: z.record(z.string(), z.string()).exactOptional(),
        }),
      ),
    }),
  )
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'recorded/clients.json'), 'utf8')))

let setting: WithClose
let token: string
beforeAll(async () => {
  setting = await startWithClose({ leads: 12 })
  const values = { apiKey: setting.sandbox.apiKeys[0]?.key ?? '' }
  const body = { connector: 'close', method: 'api_key', name: 'Close', values }
  const { id } = await setting.person.client.credentials.create({ body })
  const objects = Object.fromEntries(
    Object.entries(passObjects).map(([name, { verbs }]) => [name, [...verbs]]),
  )
  token = (await newToken(setting.person.client, id, { rules: { objects } })).token
})
afterAll(() => setting?.stop())

const valueAt = (answer: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => Object(value)[name], answer)

describe('a client that knows nothing of Latchwork', () => {
  it.each(recorded)('$client: is answered as by Close, by a pass as its API key', async ({ requests }) => {
    const authorization = `Basic ${Buffer.from(`${token}:`).toString('base64')}`
    const learned: Record<string, string> = {}
    const filled = (text: string) =>
      text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => learned[name] ?? whole)
    for (const { method, path, headers, body, status, learns = {} } of requests) {
      const options = { method, headers: { ...headers, authorization } }
      const below = filled(path).slice('/close'.length)
      const answer = await callGateway(setting.server, null, below, {
        ...options,
        ...(body === undefined ? {} : { body: filled(body) }),
      })
      expect([method, path, answer.status, answer.status === status ? '' : answer.text]).toEqual([
        method,
        path,
        status,
        '',
      ])
      const json: unknown = JSON.parse(answer.text)
      expect(json).not.toHaveProperty('code')
      for (const [name, where] of Object.entries(learns))
        learned[name] = z.string().parse(valueAt(json, where))
    }
  })
})
