import { startPostgres } from '../postgres.ts'
import { makeTemplate } from './make-template.ts'

/**
 * Vitest's global set-up for tests with databases: a PostgreSQL unless one is named, and the template of the databases.
 * Returns a function that ends both.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  const url = process.env['LATCHWORK_TEST_POSTGRES_URL']
  const postgres = await startPostgres({ url })
  process.env['LATCHWORK_TEST_POSTGRES_URL'] = postgres.url
  const removeTemplate = await makeTemplate()
  return async () => {
    await removeTemplate()
    await postgres.stop()
  }
}
