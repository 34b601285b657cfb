import pg from 'pg'
import { databaseValues } from '../credentials/database-values.ts'
import { makePostgresPlace } from '../database/database.ts'
import { startRunning } from '../running.ts'

/** A server, somebody signed in, and a database of its own that a credential of theirs opens. */
export async function startWithDatabase() {
  const place = await makePostgresPlace()
  const url = new URL(place.settings.databaseUrl?.reveal() ?? '')
  const database = new pg.Client({ connectionString: url.href })
  await database.connect()
  const running = await startRunning(null)
  const browser = await running.signedIn()
  const { client } = browser
  const { id: credentialId } = await client.credentials.create({
    body: { connector: 'postgres', method: 'password', name: 'Tables', values: databaseValues(url) },
  })
  const stop = async () => {
    await running.stop()
    await database.end()
    await place.remove()
  }
  return { database, running, browser, client, credentialId, stop }
}
