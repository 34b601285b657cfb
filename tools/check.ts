import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findLeaks } from './leaks.ts'
import { findMissingPlatforms } from './lockfile.ts'
import type { Counts } from './test-run/runners.ts'
import { typecheck } from './typecheck.ts'

/* `npm run check`: all static checks of the code, one line each. */
const checkout = join(import.meta.dirname, '..')
const bin = (path: string) => join(checkout, 'node_modules', path)

/** Resolves with the faults; empty if there are none. */
type Check = () => Promise<string>

const checks: Readonly<Record<string, Check>> = {
  types: async () => (await typecheck()).faults,
  lint: () => node([bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.']),
  imports: () =>
    node([
      bin('dependency-cruiser/bin/dependency-cruiser.mjs'),
      ...['--config', '.dependency-cruiser.mjs', '--output-type', 'err'],
      ...['packages', 'e2e', 'bench', 'tools'],
    ]),
  'unused code': () => node([bin('knip/bin/knip.js'), '--no-progress']),
  'generated files': async () => {
    const outputs: string[] = []
    for (const generator of generators.filter((each) => existsSync(join(checkout, each)))) {
      outputs.push(await node([generator, '--check']))
    }
    return outputs.filter((each) => each !== '').join('\n')
  },
  lockfile: async () => findMissingPlatforms(join(checkout, 'package-lock.json')).join('\n'),
  'secrets and paths': async () => (await findLeaks(checkout)).join('\n'),
}

/** Scripts that write committed files. With `--check` they say whether the files are up to date. */
const generators = ['tools/generate-close-catalogue.ts', 'tools/security-register.ts']

/** Runs every check and prints a line for each, followed by its faults. */
export async function runChecks(): Promise<Counts> {
  let failed = 0
  for (const [name, check] of Object.entries(checks)) {
    const started = Date.now()
    const faults = await check()
    const seconds = ((Date.now() - started) / 1000).toFixed(1)
    process.stdout.write(`${faults === '' ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)\n`)
    if (faults === '') continue
    failed += 1
    process.stdout.write(`${faults.trimEnd()}\n`)
  }
  return { passed: Object.keys(checks).length - failed, failed, skipped: 0 }
}

/** Runs a script in the checkout; resolves with its output if its status is not 0. */
function node(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: checkout, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 },
      (error, stdout, stderr) => resolve(error === null ? '' : `${stdout}${stderr}` || error.message),
    )
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { failed } = await runChecks()
  process.exitCode = failed === 0 ? 0 : 1
}
