import { startSandbox } from 'close-sandbox'
import pg from 'pg'
import { databaseValues } from '../credentials/database-values.ts'
import { makePostgresPlace } from '../database/database.ts'
import { startRunning } from '../running.ts'
import { closeCredential } from './moving.ts'

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

/** The same with a source of streams of Close's and the tables as a destination, for flows that choose what they read. */
export async function startWithStreams(options: { readonly leads: number }) {
  const made = await startWithDatabase(options)
  const { client, sandbox } = made
  const { id: sourceId } = await client.sources.create({
    body: {
      ...{ connector: 'close', name: 'Close', config: { object: 'streams' } },
      credentialId: await closeCredential(client, sandbox),
    },
  })
  const { id: destinationId } = await client.destinations.create({
    body: { connector: 'postgres', name: 'Tables', config: {}, credentialId: made.credentialId },
  })
  return { ...made, sides: { sourceId, destinationId } }
}
