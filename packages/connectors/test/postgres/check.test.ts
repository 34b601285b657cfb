import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CredentialAccess } from '../../src/index.ts'
import { postgres, testContext } from '../context.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const check = async (parts: Record<string, string> = {}) =>
  postgres.check?.(database.credential(parts), testContext())

describe('the check of a PostgreSQL credential', () => {
  it('says which database answers, and as whom', async () => {
    const result = await check()
    expect(result).toMatchObject({ status: 'verified', reason: null })
    expect(result?.identity?.organizationId).toMatch(new RegExp(`^.+:\\d+/${database.name}$`))
    expect(result?.identity?.organizationName).toMatch(new RegExp(`^${database.name} \\(PostgreSQL \\d`))
    expect(result?.identity?.userName).toBe(database.credential().values['user'])
  })

  it('#51 takes a password to the place that it was replaced with, never to the one before', async () => {
    const before = database.credential({ host: '127.0.0.1', port: '1' })
    const after = database.credential()
    let current = before
    const replaced: CredentialAccess = {
      ...before,
      get values() {
        return current.values
      },
      secret: (field) => {
        current = after
        return after.secret(field)
      },
    }
    const result = await postgres.check?.(replaced, testContext())
    expect(result).toMatchObject({ status: 'verified' })
  })

  it('tells a wrong database from a server that is not there', async () => {
    expect(await check({ database: 'no_such_database' })).toMatchObject({
      status: 'failed',
      reason: { code: 'database_missing', field: 'database' },
    })
    expect(await check({ port: '1' })).toMatchObject({
      status: 'unverified',
      reason: { code: 'unreachable', field: 'host' },
    })
    expect(await check({ host: 'db.invalid' })).toMatchObject({
      status: 'unverified',
      reason: { code: 'unreachable', field: 'host' },
    })
  })

  it('says when the login is refused, and never the password', async () => {
    const user = 'lw_nobody'
    const result = await check({ user, password: 'canary-4417' })
    expect(result).toMatchObject({ status: 'failed', reason: { code: 'login_rejected', field: 'password' } })
    expect(JSON.stringify(result)).not.toContain('canary-4417')
  })

  it.each(['verify-full', 'require'])('says when encryption fails (%s)', async (tls) => {
    // A server that answers the request for TLS as PostgreSQL does when it has none.
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end('N'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? String(address.port) : ''
    expect(await check({ host: '127.0.0.1', port, tls })).toMatchObject({
      status: 'failed',
      reason: { code: 'tls_failed', field: 'tls' },
    })
    await new Promise((resolve) => server.close(resolve))
  })

  it.each([
    [{ host: '/var/run/postgresql' }, 'Host must be a name or an address'],
    [{ port: '0' }, 'Port must be a whole number from 1 to 65535'],
    [{ port: '99999' }, 'Port must be a whole number from 1 to 65535'],
    [{ port: '1e3' }, 'Port must be a whole number from 1 to 65535'],
    [
      { tls: 'verify-full', caCertificate: 'none' },
      'Certificate authority must be a certificate in PEM form',
    ],
    [{ tls: 'disable', caCertificate: 'none' }, 'Certificate authority applies only where Encryption is'],
  ])('refuses %j before connecting', async (parts, says) => {
    expect(await check(parts as Record<string, string>)).toMatchObject({
      status: 'failed',
      reason: {
        code: 'invalid_input',
        field: Object.keys(parts).at(-1),
        message: expect.stringContaining(says),
      },
    })
  })
})
