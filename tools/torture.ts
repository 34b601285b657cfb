import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { startPostgres } from './postgres.ts'

/*
 * `npm run torture`: the proofs of the refresh protocol at full size, on SQLite and on a PostgreSQL that is started for
 * them. `--seed N` repeats a run; `--only NAME` runs one proof.
 */
const proofs = join(import.meta.dirname, '../packages/server/test/torture/main.ts')
const postgres = await startPostgres({ url: process.env['LATCHWORK_TEST_POSTGRES_URL'] })
process.stderr.write(`latchwork: Torturing the refresh of credentials, with ${postgres.origin}.\n`)
const child = spawn(process.execPath, [proofs, ...process.argv.slice(2)], {
  env: { ...process.env, LATCHWORK_TEST_POSTGRES_URL: postgres.url },
  stdio: ['ignore', 'inherit', 'inherit'],
})
const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
for (const signal of signals) process.on(signal, () => child.kill(signal))
process.exitCode = await new Promise<number>((resolve, reject) => {
  child.once('error', reject)
  child.once('close', (code) => resolve(code ?? 1))
})
await postgres.stop()
