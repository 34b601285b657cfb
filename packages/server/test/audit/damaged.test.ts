import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditCommand } from '../../src/commands/audit.ts'
import { type Browser, problem } from '../browser.ts'
import { makePostgresPlace } from '../database/database.ts'
import { type Running, startRunning } from '../running.ts'

let server: Running
let person: Browser
beforeAll(async () => {
  server = await startRunning(null, { makePlace: makePostgresPlace })
  person = await server.signedIn()
})
afterAll(async () => {
  process.exitCode = undefined // what the command leaves for its process
  await server?.stop()
})

const newToken = () => person.client.tokens.create({ body: { name: 'nightly' } })

describe('#54 a running server whose log was changed', () => {
  it('refuses what it would have to tell of, until somebody on the server accepts the log', async () => {
    await newToken()
    const { tables } = server.app.stores.database
    const [last] = (await person.client.audit.list({ query: { limit: 1 } })).items
    await tables
      .updateTable('auditEntries')
      .set({ actorName: 'Another' })
      .where('sequence', '=', last?.sequence ?? 0)
      .execute()

    expect(await problem(newToken())).toMatchObject({ code: 'audit_damaged', status: 503 })
    expect((await person.client.tokens.list()).items).toHaveLength(1)
    // Another start of the server, and another request, heal nothing.
    await server.restart()
    expect(await problem(newToken())).toMatchObject({ code: 'audit_damaged', status: 503 })
    await expect
      .poll(async () => (await person.client.alerts.list()).items.map(({ kind }) => kind))
      .toEqual(['audit_damaged'])

    await auditCommand(server.settings, ['verify'])
    expect(process.exitCode).toBe(1)
    await auditCommand(server.settings, ['accept'])
    await newToken()
    const [, accepted] = (await person.client.audit.list({ query: { limit: 2 } })).items
    expect(accepted).toMatchObject({
      action: 'audit.accept',
      actor: { kind: 'system', name: expect.stringContaining('on the server') },
      after: { fault: { sequence: last?.sequence, kind: 'altered' } },
    })
    expect(await person.client.audit.verify()).toMatchObject({
      intact: true,
      acceptedAt: accepted?.sequence,
    })
  })

  it('#55 is not stopped by a path that no text can be made of', async () => {
    const odd = `${server.url}/api/credentials/%00%ED%A0%80`
    const requests = Array.from({ length: 20 }, (_, n) =>
      n % 5 === 0
        ? person
            .fetch(odd, { method: 'DELETE', headers: { 'x-latchwork': '1' } })
            .then(({ status }) => status)
        : newToken().then(() => 200),
    )
    const statuses = await Promise.all(requests)
    expect(statuses.filter((status) => status === 200)).toHaveLength(16)
    expect(await person.client.audit.verify()).toMatchObject({ intact: true })
  })
})

describe('#45 a check of values that are not saved', () => {
  it('is in the log with where they were sent and what came of it', async () => {
    const values = {
      host: '127.0.0.1',
      port: '9',
      database: 'x',
      user: 'u',
      password: 'hush-hush',
      tls: 'disable',
    }
    await person.client.credentials
      .verify({ body: { connector: 'postgres', method: 'password', values } })
      .catch(() => undefined)
    const [entry] = (await person.client.audit.list({ query: { action: 'credential.verify' } })).items
    expect(entry).toMatchObject({ actor: { kind: 'user', email: 'wren@hollowoak.example' } })
    expect(entry?.after).toMatchObject({ connector: 'postgres', host: '127.0.0.1' })
    expect(JSON.stringify(entry)).not.toContain('hush-hush')
  })
})
