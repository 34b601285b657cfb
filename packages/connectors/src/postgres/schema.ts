import { type Client, escapeIdentifier, escapeLiteral } from 'pg'
import { unfitTable } from './failures.ts'

/**
 * Makes a schema that is missing, in the transaction that is open. Answers whether it was.
 * @throws LatchworkError `invalid_input` where the user may not make it
 */
export async function prepareSchema(client: Client, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean; may: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS there,
            has_database_privilege(current_database(), 'CREATE') AS may`,
    [schema],
  )
  if (rows[0]?.there === true) return false
  if (rows[0]?.may !== true) {
    throw unfitTable(
      `The schema ${schema} does not exist in the database, and the database user may not make it. Make it, grant the user the right CREATE on the database, or choose another schema.`,
      'schema',
    )
  }
  // Two streams that make it at once would fail on each other's catalogue rows.
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended(${escapeLiteral(schema)}, 4218))`)
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(schema)}`)
  return true
}
