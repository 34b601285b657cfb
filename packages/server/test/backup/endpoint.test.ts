import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Secret } from '@latchwork/vault'
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { passphraseRecipient } from '../../src/backup/passphrase.ts'
import { makePostgresPlace } from '../database/database.ts'
import { programOf } from '../identity/joining.ts'
import { type Running, startRunning } from '../running.ts'

let server: Running
let token: string
let identity: string
let recipient: string
beforeAll(async () => {
  server = await startRunning(null, { makePlace: makePostgresPlace })
  token = (await programOf(server, await server.signedIn())).token
  identity = await generateIdentity()
  recipient = await identityToRecipient(identity)
  return server.stop
})

async function askForBackup(body: unknown): Promise<IncomingMessage> {
  const sent = request(`${server.url}/api/backup`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ca: readFileSync(join(server.dataDir, 'tls/cert.pem')),
    agent: false,
  })
  sent.end(JSON.stringify(body))
  const [answer]: IncomingMessage[] = await once(sent, 'response')
  if (answer === undefined) throw new Error('there is an answer')
  return answer
}

/** PostgreSQL ends a connection some time after we did. */
const timeouts = { timeout: 20_000, interval: 50 }

const connections = async () => {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from pg_stat_activity
    where application_name = 'latchwork backup' and datname = current_database()`.execute(
    server.app.stores.kysely,
  )
  return rows[0]?.count
}

describe('POST /api/backup', () => {
  it('answers a file of age for the recipients', async () => {
    const answer = await askForBackup({ recipients: [recipient] })
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'transfer-encoding': 'chunked',
      'cache-control': 'no-store',
    })
    const decrypter = new Decrypter()
    decrypter.addIdentity(identity)
    const plain = await decrypter.decrypt(await buffer(answer), 'text')
    expect(plain).toMatch(/^\{"format":"latchwork-backup"/)
    expect(plain).toMatch(/"end":true,"rows":\d+\}\n$/)
    await expect.poll(connections, timeouts).toBe(0)
  })

  it('takes recipients or a passphrase, one of the two', async () => {
    for (const body of [
      {},
      { recipients: [] },
      { recipients: ['AGE-SECRET-KEY-1'] },
      { recipients: ['age1nonsense'] },
      { passphrase: 'short' },
      { recipients: [recipient], passphrase: 'nine quiet herons' },
    ]) {
      const answer = await askForBackup(body)
      expect(answer.statusCode, JSON.stringify(body)).toBe(400)
      expect(JSON.parse(String(await buffer(answer)))).toMatchObject({ code: 'invalid_input' })
    }
    await expect.poll(connections, timeouts).toBe(0)
  })

  it('logs no passphrase', async () => {
    const passphrase = 'seven canary herons'
    const answer = await askForBackup({ passphrase })
    expect((await buffer(answer)).toString('latin1')).toMatch(/^age-encryption\.org\/v1\n-> scrypt /)
    expect(server.log.join('')).toContain('/api/backup')
    expect(server.log.join('')).not.toContain(passphrase)
  })

  it('holds nobody up while it makes a key of a passphrase', async () => {
    let isMade = false
    const making = Promise.resolve(
      passphraseRecipient(new Secret('seven canary herons')).wrapFileKey(new Uint8Array(16)),
    ).then(() => {
      isMade = true
    })
    await nextTurn()
    expect(isMade).toBe(false)
    await making
  })

  it('lets go of the database when whoever asked leaves', async () => {
    const { database, metadata } = server.app.stores
    // More than the buffers between the two hold.
    await database.atomically(async () => {
      for (let n = 0; n < 300; n++) await metadata.set(`fill_${n}`, 'x'.repeat(100_000))
    })
    const answer = await askForBackup({ recipients: [recipient] })
    await once(answer, 'readable')
    await expect.poll(connections, timeouts).toBe(1)
    answer.destroy()
    await expect.poll(connections, timeouts).toBe(0)
    expect((await server.browser().fetch(`${server.url}/health/live`)).status).toBe(200)
  })
})
