import { type Endpoint, endpoints } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Browser } from '../browser.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'

let sandbox: Sandbox
let server: Running
let person: Browser
beforeAll(async () => {
  const made = await startWithClose({ leads: 5 })
  ;({ sandbox, server, person } = made)
  return made.stop
})

const all = Object.entries(endpoints).flatMap(([group, operations]) =>
  Object.entries<Endpoint>(operations).map(([name, endpoint]) => ({ name: `${group}.${name}`, endpoint })),
)

/** Every name that a schema gives to a field, at any depth. */
function fieldNames(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(fieldNames)
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'properties' && typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => [name, ...fieldNames(inner)])
      : fieldNames(value),
  )
}

describe('answers of the API', () => {
  it('#28 #42 name no field for a secret, but for what is made to be shown once', () => {
    const secret =
      /secret|password|api_?key|private|cipher|sealed|hash$|verifier|deviceCode|(access|refresh)_?token$/i
    const found = all.flatMap(({ name, endpoint }) => {
      if (endpoint.response instanceof z.ZodUndefined) return []
      const schema = z.toJSONSchema(endpoint.response, { io: 'output', unrepresentable: 'any' })
      return [...new Set(fieldNames(schema))]
        .filter((field) => secret.test(field))
        .map((field) => `${name}: ${field}`)
    })
    expect(found.sort()).toEqual(
      [
        // The hash of an audit entry, and the names of the secrets that are set.
        ...found.filter((each) => /^audit\.\w+: hash$|: (secretsSet|secretVersion)$/.test(each)),
        'devices.begin: deviceCode',
        'devices.poll: secret',
        'tokens.create: secret',
      ].sort(),
    )
    expect(found).toContain('credentials.get: secretsSet')
  })

  it('#28 #42 have of a credential what its form calls no secret, and of a secret its name', async () => {
    const { items } = await person.client.connectors.list()
    const fields = items.flatMap(({ methods }) => methods.flatMap((method) => method.fields))
    const secrets = new Set(fields.filter(({ kind }) => kind === 'secret').map(({ name }) => name))
    expect([...secrets].sort()).toEqual(['apiKey', 'clientSecret', 'password'])
    const key = sandbox.apiKeys[0]?.key ?? ''
    const values = {
      host: '127.0.0.1',
      port: '9',
      database: 'x',
      user: 'y',
      password: 'canary-password',
      tls: 'disable',
    }
    const { credentials } = person.client
    const made = [
      await credentials.create({
        body: { connector: 'close', method: 'api_key', name: 'Key', values: { apiKey: key } },
      }),
      await credentials.create({
        body: { connector: 'postgres', method: 'password', name: 'Database', values },
      }),
    ]
    for (const each of [...made, ...(await credentials.list()).items]) {
      expect(Object.keys(each.values).filter((name) => secrets.has(name))).toEqual([])
      expect(each.secretsSet.length).toBe(1)
      for (const secret of [key, 'canary', 'lw1.']) expect(JSON.stringify(each)).not.toContain(secret)
    }
  })

  it('#48 are kept by no cache, whatever they say and to whom', async () => {
    const stranger = server.browser()
    const others = [
      ['GET', '/api/openapi.json'],
      ['GET', '/api/audit/export'],
      ['GET', '/api/files/none.csv'],
      ['PUT', '/api/files/made.csv'],
      ['GET', '/api/files/made.csv'],
      ['GET', '/api/nothing'],
      ['GET', '/oauth/callback?code=a&state=b'],
      ['GET', '/oauth/done?result=ok'],
    ] as const
    const calls = [
      ...all.map(({ endpoint }) => [endpoint.method, endpoint.path.replaceAll(/\{\w+\}/g, 'none')] as const),
      ...others,
    ].filter(([method, path]) => !(method === 'DELETE' && path === '/api/session'))
    expect(calls.length).toBeGreaterThan(80)
    for (const [method, path] of calls) {
      for (const browser of [person, stranger]) {
        const hasBody = method !== 'GET' && method !== 'DELETE'
        const { headers, status } = await browser.fetch(server.url + path, {
          method,
          headers: { 'x-latchwork': '1', ...(hasBody ? { 'content-type': 'application/json' } : {}) },
          ...(hasBody ? { body: '{}' } : {}),
        })
        expect(headers['cache-control'], `${method} ${path} ${status}`).toBe('no-store')
      }
    }
  })
})
