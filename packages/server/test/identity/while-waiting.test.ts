import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join as joinPath } from 'node:path'
import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { closeCredential } from '../flows/moving.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { join } from './joining.ts'

/* A request may wait long for another system or for bytes. The right is asked for again before it changes anything. */
describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('a right that ends while a request waits, on %s', (_name, makePlace) => {
  let sandbox: Sandbox
  let server: Running
  let boss: Browser
  beforeAll(async () => {
    const made = await startWithClose({ leads: 1, makePlace })
    ;({ sandbox, server, person: boss } = made)
    return made.stop
  })
  afterEach(() => sandbox.control.clearFaults())

  let count = 0
  const newMember = () => {
    count += 1
    return join(server, boss, `Waits${count}`)
  }
  const timeouts = { timeout: 10_000, interval: 20 }
  /** How a call is refused that waits for Close, if `meanwhile` happens once Close was asked. */
  async function refusal(call: () => Promise<unknown>, meanwhile: () => Promise<unknown>) {
    const before = sandbox.control.requests().length
    sandbox.control.addFault({ target: 'api', kind: 'delay', delayMs: 4000, times: 1 })
    const refused = problem(call())
    await expect.poll(() => sandbox.control.requests().length, timeouts).toBeGreaterThan(before)
    await meanwhile()
    return refused
  }
  const values = () => ({ apiKey: sandbox.apiKeys[0]?.key ?? '' })
  const lastOf = async (action: string) =>
    (await boss.client.audit.list({ query: { action, limit: 1 } })).items[0]

  it('#52 makes no credential of somebody who was removed', async () => {
    const member = await newMember()
    const body = { connector: 'close', method: 'api_key', name: 'Orphan', values: values() }
    const refused = await refusal(
      () => member.client.credentials.create({ body }),
      () => boss.client.members.remove({ params: { id: member.id } }),
    )
    expect(refused).toMatchObject({ status: 401, code: 'not_signed_in' })
    expect((await boss.client.credentials.list({ query: { query: 'Orphan' } })).items).toEqual([])
    expect(await lastOf('credential.create')).toMatchObject({ result: 'refused', actor: { id: member.id } })
  })

  it('#52 makes none by a browser that was signed out', async () => {
    const member = await newMember()
    const elsewhere = server.browser()
    await elsewhere.client.session.signIn({
      body: { email: member.email, password: 'another long pass phrase' },
    })
    const body = { connector: 'close', method: 'api_key', name: 'Signed out', values: values() }
    const refused = await refusal(
      () => member.client.credentials.create({ body }),
      () => elsewhere.client.signIns.endOthers(),
    )
    expect(refused).toMatchObject({ code: 'not_signed_in' })
    expect((await elsewhere.client.credentials.list()).items).toEqual([])
  })

  it.each(['secrets', 'method', 'check'] as const)('#52 changes no credential: %s', async (what) => {
    const member = await newMember()
    const id = await closeCredential(boss.client, sandbox, `Lent ${count}`)
    const params = { id }
    const share = (role: 'admin' | null) =>
      boss.client.credentialAccess.set({ params, body: { memberId: member.id, role } })
    await share('admin')
    const before = await boss.client.credentials.get({ params })
    const calls = {
      secrets: () => member.client.credentials.secrets({ params, body: { values: values() } }),
      method: () => member.client.credentials.undo({ params }),
      check: () => member.client.credentials.check({ params }),
    }
    if (what === 'method') await member.client.credentials.secrets({ params, body: { values: values() } })
    const version = async () => (await server.app.stores.credentials.find(id))?.secretVersion
    const versionBefore = await version()
    const refused = await refusal(calls[what], () => share(null))
    expect(refused).toMatchObject({ code: 'credential_not_found' })
    expect(await version()).toBe(versionBefore)
    expect((await boss.client.credentials.get({ params })).identity).toEqual(before.identity)
  })

  it('#52 replaces no file that is no longer shared', async () => {
    const member = await newMember()
    const put = await boss.fetch(`${server.url}/api/files/lent-${count}.csv`, {
      method: 'PUT',
      headers: { 'x-latchwork': '1', 'content-type': 'text/csv' },
      body: 'as it was',
    })
    const params = { id: String(JSON.parse(put.body).id) }
    const share = (role: 'admin' | null) =>
      boss.client.fileAccess.set({ params, body: { memberId: member.id, role } })
    await share('admin')
    const cookie = [...member.browser.cookies.values()]
      .flatMap((jar) => [...jar].map(([name, value]) => `${name}=${value}`))
      .join('; ')
    const slow = request(new URL(`${server.url}/api/files/${params.id}`), {
      method: 'PUT',
      ca: readFileSync(joinPath(server.dataDir, 'tls/cert.pem')),
      servername: 'localhost',
      headers: { 'x-latchwork': '1', 'content-type': 'text/csv', cookie, 'content-length': '10' },
    })
    const answered = once(slow, 'response') as Promise<[IncomingMessage]>
    slow.write('12345')
    const folder = joinPath(server.dataDir, 'files')
    const begun = async () => (await readdir(folder)).some((name) => name.startsWith('.upload-'))
    await expect.poll(begun, timeouts).toBe(true)
    await share(null)
    slow.end('67890')
    const [answer] = await answered
    answer.resume()
    expect(answer.statusCode).toBe(404)
    expect((await boss.fetch(`${server.url}/api/files/${params.id}`)).body).toBe('as it was')
  })
})
