import { subscribe } from 'node:diagnostics_channel'
import { type Endpoint, endpoints, newId } from '@latchwork/contract'
import { operations } from '@latchwork/contract/openapi'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, Browser, Init } from '../browser.ts'
import { insertFlow, newCredential, newPass } from '../database/samples.ts'
import { type Running, startRunning } from '../running.ts'
import { programOf } from './joining.ts'
import { type Column, columns, leastToCall, peopleOf } from './table.ts'

/** Every route that the server registers, as the framework tells it. */
const served: string[] = []
subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance } // what the framework publishes there
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) served.push(`${each} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
  })
})

let server: Running
let program: Browser
const tokens = new Map<Column, string>()
const ids = new Map<Column, string>()
beforeAll(async () => {
  server = await startRunning(null)
  program = server.browser()
  for (const [column, { id, browser }] of await peopleOf(server)) {
    tokens.set(column, (await programOf(server, browser)).token)
    ids.set(column, id)
  }
})
afterAll(() => server?.stop())

const ownerId = () => ids.get('owner') ?? ''

/** One of each kind, owned and shared. */
async function makeResources(): Promise<Record<string, string>> {
  const { stores } = server.app
  const credential = await stores.credentials.insert(newCredential({ ownerId: ownerId() }))
  const { source, destination, flow } = await insertFlow(stores, { ownerId: ownerId() })
  const run = await stores.runs.insert({ id: `run_${flow.id.slice(5)}`, flowId: flow.id, startedBy: null })
  const file = await stores.files.ensure(newId('file'), ownerId(), `${flow.id}.csv`, false)
  const owned = { credential: credential.id, source: source.id, destination: destination.id }
  const pass = await stores.passes.insert(newPass({ ownerId: ownerId(), credentialId: credential.id }))
  const made = { ...owned, flow: flow.id, file: file.id, pass: pass.id }
  for (const [kind, id] of Object.entries(made)) {
    for (const role of ['collaborator', 'operator', 'admin'] as const) {
      const grant = { subject: { kind: 'member', id: ids.get(role) ?? '' }, role, by: ownerId() } as const
      await stores.access.grant(kindOf(kind), id, grant)
    }
  }
  return { ...made, run: run.id }
}

function kindOf(kind: string) {
  if (kind === 'source' || kind === 'destination' || kind === 'flow' || kind === 'file') return kind
  return kind === 'pass' ? kind : 'credential'
}

/** Over one connection, but nothing that an answer set goes with the next request. */
function ask(path: string, init: Init): Promise<Answer> {
  program.cookies.clear()
  return program.fetch(server.url + path, init)
}

async function call(endpoint: Endpoint, column: Column, id: string) {
  const token = tokens.get(column)
  const bodiless = endpoint.method === 'GET' || endpoint.method === 'DELETE'
  const path = endpoint.path.replace('{id}', id).replace('{writeId}', newId('write'))
  const answer = await ask(path, {
    method: endpoint.method,
    headers: {
      'x-latchwork': '1',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(bodiless ? {} : { 'content-type': 'application/json' }),
    },
    ...(bodiless ? {} : { body: '{}' }),
  })
  return { status: answer.status, body: answer.body }
}

const named = Object.entries(endpoints).flatMap(([group, operations]) =>
  Object.entries<Endpoint>(operations).map(([name, endpoint]) => [`${group}.${name}`, endpoint] as const),
)
const leastOf = new Map<string, Column>(Object.entries(leastToCall))

/** What answers no JSON. */
const beside = [
  ['GET', '/api/files/leads.csv', 'stranger'],
  ['PUT', '/api/files/leads.csv', 'stranger'],
  ['GET', '/api/openapi.json', 'stranger'],
  ['GET', '/api/runs/{id}/quarantine.csv', 'operator'],
  ['GET', '/api/audit/export', 'workspace admin'],
  ['POST', '/api/backup', 'workspace admin'],
] as const satisfies [string, string, Column][]

describe('#44 who may call', () => {
  it('is said here for every endpoint', () => {
    expect([...leastOf.keys()].sort()).toEqual(named.map(([name]) => name).sort())
  })

  it.each(named)('%s', async (name, endpoint) => {
    const from = leastOf.get(name) ?? 'nobody'
    const rule = endpoint.access
    const resource = typeof rule === 'string' ? null : rule.resource
    let made: Record<string, string> = {}
    for (const [index, column] of columns.entries()) {
      // What an owner may delete is gone for the next.
      if (resource !== null && (index === 0 || columns.indexOf(column) >= columns.indexOf('owner'))) {
        made = await makeResources()
      }
      const id = resource === null ? 'none' : (made[resource] ?? '')
      const { status, body } = await call(endpoint, column, id)
      const what = `${column}: ${status} ${body}`
      if (index >= columns.indexOf(from)) {
        expect([401, 403], what).not.toContain(status)
        // Nothing was deleted that could be restored, nor refused that could be put right.
        const isInside = [
          'deletedCredentials.restore',
          'runs.getQuarantined',
          'runs.editQuarantined',
          'runs.findDoubtful',
          ...['passWrites.get', 'passWrites.confirm', 'passWrites.refuse'],
        ].includes(name)
        if (resource !== null && !isInside) expect(status, what).not.toBe(404)
      } else if (column === 'nobody') expect(status, what).toBe(401)
      else if (column === 'stranger' && resource !== null) {
        expect(status, what).toBe(404)
        expect(body, what).toContain(`${resource}_not_found`)
      } else expect(status, what).toBe(403)
    }
  })

  it('is said here for every route that the server has, and the description has each of the API', () => {
    const said = [
      ...named.map(([, { method, path }]) => `${method} ${path}`),
      ...beside.map(([method, path]) => `${method} ${path.replace('leads.csv', '{id}')}`),
    ]
    const routes = served.filter((route) => !/^(HEAD|OPTIONS) |\*$/.test(route))
    // What no session or token is asked for: the flow's state decides, and whether the process lives is no secret.
    const open = ['GET /oauth/callback', 'GET /health/live', 'GET /health/ready']
    expect(new Set(routes)).toEqual(new Set([...said, ...open]))
    const described = operations.map(({ endpoint: { method, path } }) => `${method} ${path}`)
    expect(described.sort()).toEqual(said.filter((route) => route !== 'GET /api/openapi.json').sort())
  })

  it.each(beside)('%s %s, which is beside the contract', async (method, template, from) => {
    const path = template.replace('{id}', (await makeResources())['run'] ?? '')
    for (const [index, column] of columns.entries()) {
      const token = tokens.get(column)
      const { status } = await ask(path, {
        method,
        headers: token === undefined ? { 'x-latchwork': '1' } : { authorization: `Bearer ${token}` },
      })
      if (index >= columns.indexOf(from)) expect([401, 403], column).not.toContain(status)
      else if (column === 'stranger' && path !== template) expect(status, column).toBe(404)
      else expect(status, column).toBe(column === 'nobody' ? 401 : 403)
    }
  })
})
