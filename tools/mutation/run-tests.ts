import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

/** The outcome of the tests: all passed, one failed (its title), or they could not be run (the reason). */
export type Outcome = 'passed' | { readonly failed: string } | { readonly broken: string }

const reportForm = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
})

/**
 * Runs the tests of these files whose titles have one of the numbers, until one fails.
 * @param files paths in the checkout; at least one must exist
 */
export async function runNamedTests(
  checkout: string,
  numbers: readonly number[],
  files: readonly string[],
  limitMs: number,
): Promise<Outcome> {
  if (files.length === 0) return { broken: `no test that vitest runs carries #${numbers.join(' or #')}` }
  const folder = mkdtempSync(join(tmpdir(), 'latchwork-breaks-'))
  try {
    const report = join(folder, 'report.json')
    const title = `#(${numbers.join('|')})(?!\\d)`
    const args = ['run', '-t', title, '--bail', '1', '--reporter', 'json', '--outputFile', report, ...files]
    const status = await runVitest(checkout, args, limitMs)
    if (status === 'endless') return { failed: `no end within ${limitMs / 1000} s` }
    if (status === 0) return 'passed'
    return readReport(report)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readReport(path: string): Outcome {
  const { testResults } = reportForm.parse(JSON.parse(readFileSync(path, 'utf8')))
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status }) => status === 'failed')
  if (failed !== undefined) return { failed: failed.fullName }
  const said = testResults.map(({ name, message }) => (message === '' ? '' : `${name}: ${message}`))
  return { broken: said.find((words) => words !== '') ?? 'vitest failed, and its report says nothing of it' }
}

function runVitest(
  checkout: string,
  args: readonly string[],
  limitMs: number,
): Promise<number | null | 'endless'> {
  const vitest = join(checkout, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [vitest, ...args], { cwd: checkout, stdio: 'ignore' })
  let endless = false
  const limit = setTimeout(() => {
    endless = true
    child.kill('SIGKILL')
  }, limitMs)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => {
      clearTimeout(limit)
      resolve(endless ? 'endless' : status)
    })
  })
}
