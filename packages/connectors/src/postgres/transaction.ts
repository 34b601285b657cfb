import type { Client } from 'pg'

/** Why the run could not be shown to be still ours, as the cause. */
export class NotHeld extends Error {
  constructor(cause: unknown) {
    super('the page was not committed', { cause })
  }
}

/**
 * Work in one transaction. Nothing that it needs outlives the transaction, so that a pooler between us and the server does
 * no harm.
 *
 * @param hold asked when the rows are locked: whoever took the run up meanwhile writes them only after this. What it throws
 *   comes as a `NotHeld`. A process that stands still is not waited for.
 */
export async function inTransaction<T>(
  client: Client,
  hold: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await begin(client)
    const result = await work()
    await hold().catch((cause: unknown) => {
      throw new NotHeld(cause)
    })
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/**
 * Begins a transaction in which values are read alike, whatever server and database are set to, and each row is judged when
 * it is written: what is put off to the commit would refuse a whole page.
 */
export async function begin(client: Client): Promise<void> {
  await client.query(
    `BEGIN; SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET CONSTRAINTS ALL IMMEDIATE;
     SET LOCAL idle_in_transaction_session_timeout = '20s'`,
  )
}
