import { startSandbox } from 'close-sandbox'
import pg from 'pg'
import { databaseValues } from '../credentials/database-values.ts'
import { makePostgresPlace } from '../database/database.ts'
import { startRunning } from '../running.ts'

/** A server, somebody signed in, a database of its own that a credential of theirs opens, and what it takes for Close. */
export async function startWithDatabase({ leads = 0 }: { readonly leads?: number } = {}) {
  const place = await makePostgresPlace()
  const url = new URL(place.settings.databaseUrl?.reveal() ?? '')
  const database = new pg.Client({ connectionString: url.href })
  await database.connect()
  const sandbox = await startSandbox({ leads })
  const running = await startRunning(sandbox)
  const browser = await running.signedIn()
  const { client } = browser
  const { id: credentialId } = await client.credentials.create({
    body: { connector: 'postgres', method: 'password', name: 'Tables', values: databaseValues(url) },
  })
  const stop = async () => {
    await running.stop()
    await sandbox.close()
    await database.end()
    await place.remove()
  }
  return { database, running, sandbox, browser, client, credentialId, stop }
}
