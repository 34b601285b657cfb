import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildWebIfNeeded } from './build-web.ts'
import { runChecks } from './check.ts'
import { findChromium } from './chromium.ts'
import { startPostgres } from './postgres.ts'
import {
  addCounts,
  type Counts,
  readReport,
  reportFiles,
  runPlaywright,
  runVitest,
} from './test-run/runners.ts'
import { summarizePlaywright, summarizeVitest, summaryLines } from './test-run/summary.ts'
import { folderInMemory } from './test-run/temporary.ts'

/*
 * `npm test`: runs every test. Then it prints the slowest files, the failures with their reasons, and last a line `N
 * passed, N failed`. `--unit` runs only vitest, `--browser` only Playwright. `--with-checks` also runs the checks of
 * `npm run check`. Any other argument is a filter for vitest.
 */
const flags = ['--unit', '--browser', '--with-checks']
const args = process.argv.slice(2)
const filters = args.filter((each) => !flags.includes(each))
const browserOnly = args.includes('--browser')
const unitOnly = !browserOnly && (args.includes('--unit') || filters.length > 0)

const say = (line: string) => process.stderr.write(`latchwork: ${line}\n`)
// What is started from here on, PostgreSQL too, takes its temporary folder from the environment.
const memory = folderInMemory()
if (memory !== null) process.env['TMPDIR'] = memory.path
const folder = mkdtempSync(join(tmpdir(), 'latchwork-reports-'))
let total: Counts = { passed: 0, failed: 0, skipped: 0 }
try {
  if (args.includes('--with-checks')) total = addCounts(total, await runChecks())
  const chromium = unitOnly ? null : findChromium()
  if (!unitOnly && chromium !== null) buildWebIfNeeded()
  const postgres = await startPostgres({ url: process.env['LATCHWORK_TEST_POSTGRES_URL'] })
  say(`Testing with ${postgres.origin}.`)
  const env = { ...process.env, LATCHWORK_TEST_POSTGRES_URL: postgres.url }
  try {
    if (!browserOnly) total = addCounts(total, await runVitest(filters, folder, env))
    if (chromium !== null) {
      total = addCounts(total, await runPlaywright(folder, { ...env, CHROMIUM_PATH: chromium }))
    } else if (!unitOnly) {
      say('Browser tests were not run: no Chromium was found. Install one, or name it in CHROMIUM_PATH.')
      if (browserOnly) total = addCounts(total, { passed: 0, failed: 1, skipped: 0 })
    }
  } finally {
    await postgres.stop()
  }
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  total = addCounts(total, { passed: 0, failed: 1, skipped: 0 })
} finally {
  const reports = reportFiles(folder)
  const summaries = [
    summarizeVitest(readReport(reports.vitest), join(import.meta.dirname, '..')),
    summarizePlaywright(readReport(reports.playwright)),
  ]
  for (const line of summaryLines(summaries)) process.stdout.write(`${line}\n`)
  rmSync(folder, { recursive: true, force: true })
  memory?.remove()
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
