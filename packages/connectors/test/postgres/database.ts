import { Client } from 'pg'
import { createPostgresDatabase } from '../../../../tools/test-databases/server.ts'
import type { CredentialAccess } from '../../src/index.ts'

export interface TestDatabase {
  readonly name: string
  readonly client: Client
  /** As the server's superuser. */
  readonly url: string
  /** A credential for the database; `parts` replaces single values. */
  credential(parts?: Readonly<Record<string, string>>): CredentialAccess
  drop(): Promise<void>
}

let tables = 0
/** The name of a table that no other test has. */
export function newTable(prefix: string): string {
  tables += 1
  return `${prefix}_${tables}`
}

/** A database of its own for one test file. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { name, url, drop } = await createPostgresDatabase(null)
  const client = new Client({ connectionString: url.href })
  await client.connect()
  return {
    name,
    client,
    url: url.href,
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
      await drop()
    },
  }
}
