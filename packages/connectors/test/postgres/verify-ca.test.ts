import { connect, createServer } from 'node:net'
import { TLSSocket } from 'node:tls'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { postgres, testContext } from '../context.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

/** A certificate that names no host, as those of Google Cloud SQL do. */
const certificate = () => generate([{ name: 'commonName', value: 'project:instance' }])

/** The test's database behind encryption of its own. @returns the port */
async function encrypted(key: string, cert: string): Promise<string> {
  const { host = '', port = '' } = database.credential().values
  const server = createServer((plain) => {
    plain.on('error', () => undefined)
    plain.once('data', () => {
      plain.write('S') // the answer to the client's question whether encryption is spoken here
      const secure = new TLSSocket(plain, { isServer: true, key, cert })
      const behind = connect(Number(port), host)
      for (const socket of [secure, behind]) socket.on('error', () => undefined)
      secure.pipe(behind).pipe(secure)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return String(address.port)
}

describe('a certificate that names no host', () => {
  it('is accepted where its authority is given and only that is asked for', async () => {
    const own = await certificate()
    const other = await certificate()
    const port = await encrypted(own.private, own.cert)
    const check = (tls: string, caCertificate: string) =>
      postgres.check?.(database.credential({ host: '127.0.0.1', port, tls, caCertificate }), testContext())
    expect(await check('verify-ca', own.cert)).toMatchObject({ status: 'verified' })
    for (const [tls, authority] of [
      ['verify-ca', other.cert],
      ['verify-full', own.cert],
    ] as const) {
      expect(await check(tls, authority)).toMatchObject({
        status: 'failed',
        reason: { code: 'tls_failed', field: 'tls' },
      })
    }
  })

  it('needs the authority: a public one would vouch for anybody', () => {
    const { values } = database.credential({ tls: 'verify-ca' })
    expect(postgres.validateCredential?.('password', values)).toEqual({
      caCertificate: 'is required where only the authority is checked',
    })
  })
})
