import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { type Endpoint, endpoints } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openVault } from '../../src/master-keys/open.ts'
import { consent } from '../browser.ts'
import { admin, type Running, startRunning } from '../running.ts'

let sandbox: Sandbox
let server: Running
const webhookSecret = 'canary-webhook-secret-07'
/** What alerts are posted to. */
const posted: string[] = []
const receiver = createServer((request, response) => {
  posted.push(`${request.url} ${JSON.stringify(request.headers)}`)
  request.on('data', (chunk: Buffer) => posted.push(chunk.toString()))
  request.on('end', () => response.end())
})
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 5 })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const webhook = { url: `http://127.0.0.1:${port}/hook`, secret: new Secret(webhookSecret) }
  server = await startRunning(sandbox, { logLevel: 'trace', settings: { alerts: { email: null, webhook } } })
})
afterAll(async () => {
  receiver.close()
  await server?.stop()
  await sandbox?.close()
})

/** The forms in which a secret travels: raw, in a URL, in base64, as a Basic header's user name. */
function formsOf(secret: string): string[] {
  const encoded = [secret, `${secret}:`, `:${secret}`].flatMap((text) => {
    const bytes = Buffer.from(text)
    return [bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url'), bytes.toString('hex')]
  })
  return [...new Set([secret, encodeURIComponent(secret), ...encoded])]
}

/** The database's files and whatever else is kept, as they are on the disk; not the key and the certificate. */
function filesOf(folder: string): Buffer[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return name === 'tls' ? [] : filesOf(path)
    return name === 'master.key' ? [] : [readFileSync(path)]
  })
}

it('#41 no secret is found in any log, answer, error or in the database, whatever goes wrong', async () => {
  const answers: string[] = []
  const person = server.browser()
  const recorded = person.fetch.bind(person)
  person.fetch = async (url, init) => {
    const answer = await recorded(url, init)
    if (!url.startsWith(sandbox.appUrl)) answers.push(JSON.stringify([answer.headers, answer.body]))
    return answer
  }
  const { credentials, session } = person.client
  const app = sandbox.oauthApps[0]
  const apiKey = sandbox.apiKeys[0]
  if (app === undefined || apiKey === undefined) throw new Error('the sandbox has no app or key')
  const canaries = new Map([
    ['API key', apiKey.key],
    ['wrong API key', 'api_canarycanary01.canarycanary02'],
    ['client secret', 'canary-client-secret-03'],
    ['wrong client secret', 'canary-client-secret-04'],
    ['database password', 'canary database password 05'],
    ['sign-in password', admin.password],
    ['wrong sign-in password', 'canary sign-in password 06'],
    ['webhook secret', webhookSecret],
  ])
  const canary = (name: string) => canaries.get(name) ?? ''
  sandbox.control.setClientSecret(app.clientId, canary('client secret'))
  const quietly = async (call: Promise<unknown>) => call.catch(() => undefined)

  await quietly(session.signIn({ body: { ...admin, password: canary('wrong sign-in password') } }))
  await session.signIn({ body: admin })

  const direct = (key: string, name: string) => ({
    connector: 'close',
    method: 'api_key',
    name,
    values: { apiKey: key },
  })
  const kept = await credentials.create({ body: direct(canary('API key'), 'Kept') })
  // Close echoes what it was sent, answers nonsense, drops the connection.
  const echo = `{"error": "bad header Basic ${Buffer.from(`${canary('API key')}:`).toString('base64')} ${canary('API key')}"}`
  for (const fault of [
    { kind: 'status', status: 500, body: echo },
    { kind: 'status', status: 401, body: echo },
    { kind: 'status', status: 403, body: echo },
    { kind: 'status', status: 400, body: echo },
    { kind: 'nonsense' },
    { kind: 'drop' },
  ] as const) {
    sandbox.control.addFault({ target: 'api', times: 3, ...fault })
    await quietly(
      credentials.verify({
        body: { connector: 'close', method: 'api_key', values: { apiKey: canary('API key') } },
      }),
    )
    await quietly(credentials.check({ params: { id: kept.id } }))
    sandbox.control.clearFaults()
  }
  await quietly(credentials.create({ body: direct(canary('wrong API key'), 'Wrong') }))
  await quietly(credentials.create({ body: direct(`${canary('API key')} with a space`, 'Spaced') }))
  await quietly(credentials.create({ body: direct(canary('API key').repeat(300), 'Long') }))
  await quietly(
    credentials.secrets({ params: { id: kept.id }, body: { values: { apiKey: canary('wrong API key') } } }),
  )
  const database = {
    host: '127.0.0.1',
    port: '9',
    database: 'x',
    user: 'y',
    password: canary('database password'),
    tls: 'disable',
  }
  await quietly(credentials.verify({ body: { connector: 'postgres', method: 'password', values: database } }))
  await credentials.create({
    body: { connector: 'postgres', method: 'password', name: 'Database', values: database },
  })

  // OAuth: the wrong secret, errors that echo, a whole authorization, a refresh.
  const draft = await credentials.create({
    body: {
      connector: 'close',
      method: 'oauth2',
      draft: true,
      values: { clientId: app.clientId, clientSecret: canary('wrong client secret') },
    },
  })
  const authorize = async () => {
    const { authorizeUrl } = await credentials.authorize({
      params: { id: draft.id },
      body: { display: 'popup' },
    })
    const callback = await consent(person, authorizeUrl, {
      decision: 'allow',
      organizationId: sandbox.organizations[0]?.id ?? '',
    })
    canaries.set(`code ${canaries.size}`, new URL(callback).searchParams.get('code') ?? '')
    await person.fetch(callback)
  }
  await authorize()
  const values = { clientId: app.clientId, clientSecret: canary('client secret') }
  await credentials.update({ params: { id: draft.id }, body: { values } })
  sandbox.control.addFault({
    target: 'token',
    kind: 'status',
    status: 400,
    body: JSON.stringify({ error: 'invalid_request', error_description: canary('client secret') }),
  })
  await authorize()
  sandbox.control.addFault({ target: 'token', kind: 'nonsense', when: 'after' })
  await authorize()
  await authorize()
  await credentials.save({ params: { id: draft.id }, body: { name: 'Authorized' } })
  const vault = await openVault(server.settings, server.app.stores.metadata)
  const noteTokens = async () => {
    const row = await server.app.stores.credentials.find(draft.id)
    if (row === null) throw new Error('the credential is gone')
    const secrets = await vault.openAll(
      { table: 'credentials', rowId: row.id, version: row.secretVersion },
      row.sealed,
    )
    for (const [name, secret] of Object.entries(secrets))
      canaries.set(`${name} ${canaries.size}`, secret.reveal())
  }
  await noteTokens()
  sandbox.control.expireAccessTokens()
  await credentials.check({ params: { id: draft.id } })
  await noteTokens()

  // Bodies that cannot be read, and a server that breaks in the middle.
  const headers = { 'content-type': 'application/json', 'x-latchwork': '1' }
  const send = (body: string) =>
    person.fetch(`${server.url}/api/credentials`, { method: 'POST', headers, body })
  await send(`{"values": {"apiKey": "${canary('API key')}" oops`)
  await send(JSON.stringify({ values: { apiKey: { nested: canary('API key') } } }))
  await person.fetch(
    `${server.url}/oauth/callback?code=${canary('API key')}&state=${canary('client secret')}`,
  )
  await server.app.stores.kysely.schema.alterTable('credentials').renameTo('credentials_away').execute()
  const broken = await send(JSON.stringify(direct(canary('API key'), 'Broken')))
  expect(broken.status).toBe(500)
  expect(JSON.parse(broken.body)).toMatchObject({ code: 'internal', requestId: expect.any(String) })
  expect(broken.body).not.toMatch(/credentials_away|no such table|\bat \//)
  await server.app.stores.kysely.schema.alterTable('credentials_away').renameTo('credentials').execute()

  // Everything that can be read, listed or exported, and every message that the server sends by itself.
  const reads = Object.values(endpoints).flatMap((group) => Object.values<Endpoint>(group))
  for (const { method, path } of reads) {
    if (method === 'GET') await person.fetch(server.url + path.replace('{id}', kept.id))
  }
  for (const path of ['/api/audit/export', '/api/openapi.json', `/api/credentials?query=${app.clientId}`]) {
    expect((await person.fetch(server.url + path)).status).toBe(200)
  }
  sandbox.control.addFault({ target: 'api', times: 3, kind: 'status', status: 401, body: echo })
  await credentials.check({ params: { id: kept.id } })
  await server.app.tick(new AbortController().signal)
  await expect.poll(() => posted.join('').includes(kept.id), { timeout: 20_000 }).toBe(true)
  const exported = join(server.dataDir, 'files/made.jsonl')
  writeFileSync(exported, (await person.fetch(`${server.url}/api/audit/export`)).body)

  expect(canaries.size).toBeGreaterThan(14)
  expect(server.log.join('')).toContain('no such table')
  const logged = server.log.join('')
  const answered = answers.join('\n')
  const reported = posted.join('\n')
  const stored = filesOf(server.dataDir)
  expect(stored.reduce((sum, file) => sum + file.length, 0)).toBeGreaterThan(50_000)
  for (const [name, secret] of canaries) {
    expect(secret.length, name).toBeGreaterThan(9)
    for (const form of formsOf(secret)) {
      expect(logged.includes(form), `${name} in the log`).toBe(false)
      expect(answered.includes(form), `${name} in an answer`).toBe(false)
      expect(reported.includes(form), `${name} in an alert`).toBe(false)
      expect(
        stored.some((file) => file.includes(form)),
        `${name} on the disk`,
      ).toBe(false)
    }
  }
  // The search itself works: what is not secret is found.
  expect(answered).toContain(app.clientId)
  expect(stored.some((file) => file.includes(app.clientId))).toBe(true)
})
