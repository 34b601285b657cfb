import { startPostgres } from '../postgres.ts'

/** Vitest's global set-up: a PostgreSQL for the tests that follow, unless one has been named; returns its end. */
export default async function setUp(): Promise<() => Promise<void>> {
  const url = process.env['LATCHWORK_TEST_POSTGRES_URL']
  const postgres = await startPostgres({ url })
  process.env['LATCHWORK_TEST_POSTGRES_URL'] = postgres.url
  return postgres.stop
}
