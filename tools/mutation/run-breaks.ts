import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Break, breaks } from './breaks.ts'

const checkout = join(import.meta.dirname, '../..')
const vitest = join(checkout, 'node_modules/vitest/vitest.mjs')
/** Longer than any named test takes; a test that never ends has noticed as well. */
const limitMs = 300_000

/**
 * Breaks the code of each security requirement in the way that `breaks.ts` says, and runs the tests that are named for
 * it. Each must fail, or the requirement is held by nothing.
 * @param only numbers of requirements; all if empty
 * @returns how many breaks no named test noticed
 */
export async function runBreaks(only: readonly number[]): Promise<number> {
  let unnoticed = 0
  for (const each of breaks) {
    if (only.length > 0 && !only.includes(each.requirement)) continue
    const noticed = await tryBreak(each)
    if (!noticed) unnoticed += 1
    process.stdout.write(`${noticed ? 'noticed ' : 'UNNOTICED'}  #${each.requirement} ${each.what}\n`)
  }
  return unnoticed
}

async function tryBreak({ requirement, file, find, put, tests }: Break): Promise<boolean> {
  const path = join(checkout, file)
  // What is not committed could not be put back if this process were killed.
  execFileSync('git', ['diff', '--quiet', 'HEAD', '--', file], { cwd: checkout })
  const whole = readFileSync(path, 'utf8')
  const parts = whole.split(find)
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`)
  const restore = () => writeFileSync(path, whole)
  process.once('exit', restore)
  writeFileSync(path, parts.join(put))
  try {
    return !(await passes(requirement, tests))
  } finally {
    restore()
    process.off('exit', restore)
  }
}

function passes(requirement: number, tests: readonly string[]): Promise<boolean> {
  const title = `#${requirement}(?!\\d)`
  const child = spawn(process.execPath, [vitest, 'run', '-t', title, '--bail', '1', ...tests], {
    cwd: checkout,
    stdio: 'ignore',
  })
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => {
      clearTimeout(limit)
      resolve(status === 0)
    })
  })
}
