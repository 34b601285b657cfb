import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { text as readText } from 'node:stream/consumers'
import pMap from 'p-map'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Answer } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { insertFlow, newCredential } from '../database/samples.ts'
import { programOf } from '../identity/joining.ts'
import { type Running, startRunning } from '../running.ts'
import { named, otherBodies, places, poisoned, poisons, shapeOf } from './poisoned.ts'

/** Hundreds of requests, on a busy machine. */
const timeout = 120_000
/** Entries of the log that come at the same time share a transaction. */
const atOnce = 16
const inAddresses = ['%00', 'a%00b', 'a%0ab', '%C2%9B31m', '%ED%A0%80', '%ff', '%zz', '%', 'x'.repeat(9000)]

// What comes in is refused before it reaches a database. Should something slip through, PostgreSQL finds a fault in most of
// it; SQLite is tried with what the two take differently.
describe.each([
  {
    database: 'SQLite',
    makePlace: makeSqlitePlace,
    kinds: ['a NUL', 'half a character', 'a name with a NUL'],
    inAddresses: ['%00', 'a%00b', '%ED%A0%80', '%ff'],
  },
  { database: 'PostgreSQL', makePlace: makePostgresPlace, kinds: Object.keys(poisons), inAddresses },
])('#47 what comes in, with $database', ({ makePlace, kinds, inAddresses }) => {
  let server: Running
  let token: string
  let ids: Record<string, string> = {}

  beforeAll(async () => {
    server = await startRunning(null, { makePlace })
    const person = await server.signedIn()
    token = (await programOf(server, person)).token
    const { stores } = server.app
    const ownerId = (await person.client.session.get()).user?.id ?? ''
    const { source, destination, flow } = await insertFlow(stores, { ownerId })
    ids = {
      credentials: (await stores.credentials.insert(newCredential({ ownerId }))).id,
      sources: source.id,
      destinations: destination.id,
      flows: flow.id,
      runs: (await stores.runs.insert({ id: `run_${flow.id.slice(5)}`, flowId: flow.id, startedBy: null }))
        .id,
      members: ownerId,
    }
  })
  afterAll(async () => {
    agent.destroy()
    await server?.stop()
  })

  /** Thousands of requests, so over few connections. */
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const ask = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const sent = request(server.url + path, {
      method,
      agent,
      rejectUnauthorized: false,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
    sent.end(body === undefined ? undefined : JSON.stringify(body))
    const [answer]: IncomingMessage[] = await once(sent, 'response')
    if (answer === undefined) throw new Error('no answer')
    const text = await readText(answer)
    const { statusCode = 0, headers } = answer
    return { status: statusCode, headers, body: text, text: async () => text }
  }
  const pathOf = (path: string) => path.replace('{id}', ids[path.split('/')[2] ?? ''] ?? 'none')

  /** A request, and what it is for people. */
  type Asked = readonly [what: string, method: string, path: string, body?: unknown]
  const refuses = (all: readonly Asked[]) =>
    pMap(all, async ([what, ...asked]) => expectRefused(await ask(...asked), what), { concurrency: atOnce })

  function inBody(method: string, path: string, schema: z.ZodType): Asked[] {
    const shape = shapeOf(schema)
    if (shape === null) return []
    return places(shape).flatMap((place) =>
      kinds.map((kind): Asked => {
        const what = `${kind} in ${place.join('.')} of ${method} ${path}`
        return [what, method, path, poisoned(shape, place, poisons[kind])]
      }),
    )
  }

  it.each(named)('is refused in a body of %s', { timeout }, async (_name, { method, path, body }) => {
    const found = pathOf(path)
    await refuses(inBody(method, found, body))
    const shape = shapeOf(body)
    if (shape === null || places(shape).length === 0) return
    const whole = ['a NUL', 'lists in one another', 'a name with a NUL'].map(
      (kind): Asked => [`${kind} as the body of ${method} ${path}`, method, found, poisons[kind]],
    )
    const tooLarge = { name: 'x'.repeat(1_100_000) }
    await refuses([...whole, [`more than a body may have for ${method} ${path}`, method, found, tooLarge]])
  })

  it('is refused in a body of what is beside the contract', async () => {
    for (const [name, schema] of Object.entries(otherBodies))
      await refuses(inBody('POST', `/api/${name}`, schema))
  })

  it.each(named)('is refused in an address of %s', async (_name, { method, path, query }) => {
    const body = method === 'GET' || method === 'DELETE' ? undefined : {}
    const shape = shapeOf(query)
    const names = [...(shape === null ? [] : places(shape).map(([first]) => first ?? '')), 'unheard-of']
    const asked = inAddresses.flatMap((poison): Asked[] => {
      const inPath: Asked[] = path.includes('{id}')
        ? [[poison, method, path.replace('{id}', poison), body]]
        : []
      // What is no UTF-8 the parser of queries takes as it is, and a long text of no known name is not looked at.
      if (poison.startsWith('x') || ['%ED%A0%80', '%ff', '%zz', '%'].includes(poison)) return inPath
      const inQuery = names.map((name): Asked => {
        const what = `${name}=${poison} of ${method} ${path}`
        return [what, method, `${pathOf(path)}?${name}=${poison}`, body]
      })
      return [...inPath, ...inQuery]
    })
    await refuses([...asked, [`a name in the query of ${path}`, method, `${pathOf(path)}?a%00b=1`, body]])
  })

  it.each(['/api/files/', '/', '/assets/', '/oauth/callback?state=', '/api/audit/export?action='])(
    'is refused in other addresses: %s',
    async (path) => {
      await refuses(['%00', 'a%0ab', '%C2%9B31m'].map((poison) => [path + poison, 'GET', path + poison]))
    },
  )

  it('turns no name round', async () => {
    for (const name of ['x\u202egpj.exe', 'x\u2067y', 'x\u2028y']) {
      for (const [path, body] of [
        ['/api/tokens', { name }],
        ['/api/devices', { deviceName: name }],
        ['/api/credentials', { connector: 'close', method: 'api_key', draft: true, name, values: {} }],
      ] as const) {
        expectRefused(await ask('POST', path, body), `${path} ${JSON.stringify(name)}`)
      }
    }
    expect((await ask('POST', '/api/tokens', { name: 'שלום \u200fعالم 你好 😀' })).status).toBe(201)
  })

  it('is no fault of ours', () => {
    const errors = server.log.filter((line) => line.includes('"level":"error"'))
    expect(errors.map((line) => line.slice(0, 300))).toEqual([])
  })
})

const problemSchema = z.object({ status: z.number(), code: z.string(), requestId: z.string() })

/** One expectation for all rules: there are thousands of answers. */
function expectRefused({ status, headers, body }: Answer, what: string): void {
  const isProblem = /^application\/problem\+json/.test(String(headers['content-type']))
  const problem = isProblem ? problemSchema.safeParse(JSON.parse(body)).data : undefined
  const rules = {
    'a status that blames the caller': status >= 400 && status < 500,
    'no word of how many ask': status !== 429,
    'a problem with this status, a code and an id': problem?.status === status,
    'a short answer': body.length < 10_000,
    'nothing of the inside': !/node_modules|\.ts:|127\.0\.0\.1/.test(body),
  }
  const broken = Object.entries(rules).flatMap(([rule, isKept]) => (isKept ? [] : [rule]))
  expect(broken, `${what}: ${status} ${body.slice(0, 200)}`).toEqual([])
}
