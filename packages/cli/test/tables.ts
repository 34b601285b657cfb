import type { Client } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import pg from 'pg'
import { postgresPlace } from '../../../tools/test-databases/place.ts'
import type { Shell } from './command.ts'
import { keyOf, startProduct } from './server.ts'
import { signedInShell } from './signing-in.ts'

/** A product with the source `Close`, and the destination `Tables` in a PostgreSQL database of its own. */
export interface TablesProduct extends AsyncDisposable {
  readonly sandbox: Sandbox
  readonly shell: Shell
  readonly client: Client
  readonly database: pg.Client
  readonly sourceId: string
  readonly destinationId: string
}

export async function startWithTables(leads: number): Promise<TablesProduct> {
  const sandbox = await startSandbox({ leads })
  const place = await postgresPlace('none')
  const url = new URL(place.databaseUrl ?? '')
  const database = new pg.Client({ connectionString: url.href })
  await database.connect()
  const product = await startProduct(undefined, sandbox)
  const shell = await signedInShell(product)
  const { client } = product.person
  const close = { connector: 'close', method: 'api_key', name: 'Close' }
  const { id: reads } = await client.credentials.create({
    body: { ...close, values: { apiKey: keyOf(product).key } },
  })
  const tables = {
    ...{ host: url.hostname, port: url.port || '5432', database: url.pathname.slice(1), tls: 'disable' },
    ...{ user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) || 'none' },
  }
  const { id: writes } = await client.credentials.create({
    body: { connector: 'postgres', method: 'password', name: 'Tables', values: tables },
  })
  const source = { connector: 'close', credentialId: reads, config: { object: 'streams' } }
  const { id: sourceId } = await client.sources.create({ body: { ...source, name: 'Close' } })
  const destination = { connector: 'postgres', credentialId: writes, config: { schema: 'public' } }
  const { id: destinationId } = await client.destinations.create({ body: { ...destination, name: 'Tables' } })
  return {
    ...{ sandbox, shell, client, database, sourceId, destinationId },
    [Symbol.asyncDispose]: async () => {
      shell[Symbol.dispose]()
      await product[Symbol.asyncDispose]()
      await sandbox.close()
      await database.end()
      await place.remove()
    },
  }
}
