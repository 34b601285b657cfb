import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** Numbers of tests by outcome. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const checkout = join(import.meta.dirname, '../..')

/** The JSON report of each runner. */
export function reportFiles(folder: string) {
  return { vitest: join(folder, 'vitest.json'), playwright: join(folder, 'playwright.json') }
}

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

/** Runs vitest with its usual output. A file that does not load counts as one failure. */
export async function runVitest(
  filters: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Counts> {
  const report = reportFiles(folder).vitest
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const status = await run(['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...filters], env)
  return settle(countVitest(readReport(report)), status)
}

/** Runs the browser tests with their usual output. */
export async function runPlaywright(folder: string, env: NodeJS.ProcessEnv): Promise<Counts> {
  const report = reportFiles(folder).playwright
  const args = ['node_modules/@playwright/test/cli.js', 'test', '-c', 'e2e/playwright.config.ts']
  const status = await run([...args, '--reporter=list,json'], { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report })
  return settle(countPlaywright(readReport(report)), status)
}

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
})

/** @throws ZodError on anything but vitest's JSON report; undefined stands for no report */
export function countVitest(report: unknown): Counts | undefined {
  if (report === undefined) return undefined
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } =
    vitestReport.parse(report)
  const unloaded = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  ).length
  return {
    passed: numPassedTests,
    failed: numFailedTests + unloaded,
    skipped: numPendingTests + numTodoTests,
  }
}

const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  errors: z.array(z.unknown()),
})

/** @throws ZodError on anything but Playwright's JSON report; undefined stands for no report */
export function countPlaywright(report: unknown): Counts | undefined {
  if (report === undefined) return undefined
  const { stats, errors } = playwrightReport.parse(report)
  // A test that passed only in a repetition has failed.
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    skipped: stats.skipped,
  }
}

/** A runner that failed counts as a failure even if no test failed: it crashed, or found no test. */
export function settle(counts: Counts | undefined, status: number): Counts {
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 1, skipped: 0 }
  return { passed, failed: status !== 0 && failed === 0 ? 1 : failed, skipped }
}

/** The content of a runner's JSON report; undefined if there is none. */
export function readReport(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/** Resolves with the exit status. A signal ends the runner; this process then continues to its own end. */
function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: checkout,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const forward = (signal: NodeJS.Signals) => {
      child.kill(signal)
    }
    const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, forward)
    child.once('error', reject)
    child.once('close', (code) => {
      for (const signal of signals) process.off(signal, forward)
      resolve(code ?? 1)
    })
  })
}
