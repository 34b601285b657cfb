import { auditEntrySchema } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { admin, type Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'

let sandbox: Sandbox
let server: Running
let person: Browser
beforeAll(async () => {
  const made = await startWithClose({ leads: 5 })
  ;({ sandbox, server, person } = made)
  return made.stop
})

const key = (index: number) => sandbox.apiKeys[index]?.key ?? ''
const create = (name: string, apiKey: string) =>
  person.client.credentials.create({
    body: { connector: 'close', method: 'api_key', name, values: { apiKey } },
  })
const list = async (query = {}) => (await person.client.audit.list({ query })).items

describe('#45 the audit log', () => {
  it('says who signed in, from where and with what', async () => {
    const [entry] = await list({ action: 'session.sign_in' })
    expect(entry).toMatchObject({
      actor: { kind: 'user', name: 'Administrator' },
      result: 'ok',
      address: '127.0.0.1',
      agent: 'none',
    })
    const failed = server.browser().client.session.signIn({ body: { ...admin, password: 'something else' } })
    await expect(failed).rejects.toThrow()
    expect((await list({ action: 'session.sign_in' }))[0]).toMatchObject({
      actor: { kind: 'nobody' },
      result: 'refused',
      reason: 'sign_in_failed',
    })
  })

  it('has nothing of somebody who is not signed in and signs out', async () => {
    const headers = { 'x-latchwork': '1' }
    const answer = await server.browser().fetch(`${server.url}/api/session`, { method: 'DELETE', headers })
    expect(answer.status).toBe(401)
    expect(await list({ action: 'session.sign_out' })).toEqual([])
  })

  it('has each change with what it changed, before and after, and never a secret', async () => {
    const { id } = await create('Audited', key(0))
    const params = { id }
    await person.client.credentials.update({ params, body: { description: 'for the nightly run' } })
    await person.client.credentials.check({ params })
    await person.client.credentials.secrets({ params, body: { values: { apiKey: key(0) } } })
    await person.client.credentials.delete({ params })
    const entries = await list({ objectId: id })
    expect(entries.map(({ action }) => action)).toEqual([
      'credential.delete',
      'credential.secrets',
      'credential.check',
      'credential.update',
      'credential.create',
    ])
    const [deleted, secrets, , updated, created] = entries
    expect(created).toMatchObject({ before: null, after: { name: 'Audited', status: 'verified' } })
    expect(created?.object).toEqual({ kind: 'credential', id, name: 'Audited' })
    expect(updated).toMatchObject({
      before: { description: '' },
      after: { description: 'for the nightly run' },
    })
    expect(secrets).toMatchObject({ before: { secretVersion: 1 }, after: { secretVersion: 2 } })
    expect(deleted).toMatchObject({ object: { name: 'Audited' }, after: null })
    expect(JSON.stringify(entries)).not.toContain(key(0))
    expect(JSON.stringify(entries)).not.toContain('lw1.')
  })

  it('has refusals with their reason', async () => {
    expect(await problem(create('Refused', 'api_wrong.key'))).toMatchObject({ code: 'api_key_rejected' })
    expect((await list({ result: 'refused' }))[0]).toMatchObject({
      action: 'credential.create',
      reason: 'api_key_rejected',
      object: null,
    })
  })

  it('has tokens and what is done with them', async () => {
    const { token, secret } = await person.client.tokens.create({ body: { name: 'nightly' } })
    const program = server.browser()
    const made = await program.fetch(`${server.url}/api/credentials/verify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'user-agent': 'curl/8' },
    })
    expect(made.status).toBe(400)
    await program.fetch(`${server.url}/api/tokens/${token.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${secret}`, 'user-agent': 'curl/8' },
    })
    const [deleted, created] = await list({ action: 'token.' })
    expect(created).toMatchObject({ action: 'token.create', object: { kind: 'token', id: token.id } })
    expect(deleted).toMatchObject({
      action: 'token.delete',
      actor: { kind: 'token', name: 'Administrator' },
      agent: 'command_line',
    })
    expect(JSON.stringify([deleted, created])).not.toContain(secret)
  })

  it('is filtered by time and paged without a gap', async () => {
    const all = await list({ limit: 200 })
    const paged = []
    let cursor: string | undefined
    do {
      const page = await person.client.audit.list({ query: { limit: 3, cursor } })
      paged.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(paged.map(({ sequence }) => sequence)).toEqual(all.map(({ sequence }) => sequence))
    const [newest] = all
    expect((await list({ from: newest?.at }))[0]?.sequence).toBe(newest?.sequence)
    expect(await list({ to: '2001-01-01T00:00:00.000Z' })).toEqual([])
  })

  it('is exported as JSON lines, oldest first, and the export is an entry too', async () => {
    const answer = await person.fetch(`${server.url}/api/audit/export?action=credential.`)
    expect(answer.headers['content-type']).toContain('application/jsonl')
    const lines = answer.body.trim().split('\n')
    const sequences = lines.map((line) => auditEntrySchema.parse(JSON.parse(line)).sequence)
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b))
    expect(sequences.length).toBeGreaterThan(4)
    expect((await list())[0]).toMatchObject({ action: 'audit.export', result: 'ok' })
  })

  it('is intact, stays so over a restart, and is for administrators', async () => {
    await server.restart()
    expect(await person.client.audit.verify()).toMatchObject({ intact: true, fault: null })
    expect(await problem(server.browser().client.audit.list())).toMatchObject({ status: 401 })
    expect((await server.browser().fetch(`${server.url}/api/audit/export`)).status).toBe(401)
  })

  it('fails a check when an entry was altered in the database', async () => {
    await server.app.stores.database.tables
      .updateTable('auditEntries')
      .set({ actorName: 'Somebody else' })
      .where('sequence', '=', 2)
      .execute()
    expect(await person.client.audit.verify()).toMatchObject({
      intact: false,
      fault: { sequence: 2, kind: 'altered' },
    })
  })
})
