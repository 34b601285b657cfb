import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import type { CredentialAccess } from '../../src/index.ts'

/** The server that `npm test` finds or brings: a superuser's URL. */
function serverUrl(): URL {
  const url = process.env['LATCHWORK_TEST_POSTGRES_URL']
  if (url === undefined) throw new Error('LATCHWORK_TEST_POSTGRES_URL names no server; npm test sets it')
  return new URL(url)
}

export interface TestDatabase {
  readonly name: string
  readonly client: Client
  /** A credential for the database; `parts` replaces single values. */
  credential(parts?: Readonly<Record<string, string>>): CredentialAccess
  drop(): Promise<void>
}

/** A database of its own for one test file. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const url = serverUrl()
  const name = `latchwork_connectors_${randomBytes(6).toString('hex')}`
  const admin = new Client({ connectionString: url.href })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  const own = new URL(url)
  own.pathname = `/${name}`
  const client = new Client({ connectionString: own.href })
  await client.connect()
  return {
    name,
    client,
    credential: (parts = {}) => {
      const { password, ...values } = {
        host: url.hostname,
        port: url.port === '' ? '5432' : url.port,
        database: name,
        user: decodeURIComponent(url.username),
        password: decodeURIComponent(url.password),
        tls: 'disable',
        ...parts,
      }
      return {
        id: 'cred_0000000000000000000001',
        method: 'password',
        organizationId: null,
        values,
        secret: async () => password,
        accessToken: () => Promise.reject(new Error('a database has no access token')),
        rejected: async () => false,
      }
    },
    drop: async () => {
      await client.end()
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}
