import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findHolders, findSources } from '../security-register.ts'
import { type Break, type Place, placeOf } from './break.ts'
import { breaks } from './breaks.ts'
import { type Outcome, runNamedTests } from './run-tests.ts'
import { findRunnable } from './runnable.ts'

const checkout = join(import.meta.dirname, '../..')
/** Longer than the tests of any requirement take. A test that never ends has noticed the break, too. */
const limitMs = 300_000

/**
 * Breaks the code of each security requirement as `breaks.ts` says, and runs the tests whose titles begin with its
 * number. If none of them fails, no test holds the requirement. First the tests run with the unchanged code, since a
 * test that always fails proves nothing.
 * @param only numbers of requirements; all if empty
 * @returns how many breaks no named test noticed
 * @throws before any change, if the place of a break is not found
 */
export async function runBreaks(only: readonly number[]): Promise<number> {
  const chosen = breaks.filter(({ requirement }) => only.length === 0 || only.includes(requirement))
  const sources = await findSources(checkout)
  const places = chosen.map((each) => ({ each, place: placeOf(each, checkout, sources) }))
  const holders = await findHolders(checkout)
  const tests = (number: number) => findRunnable(holders.get(number) ?? [], checkout)
  const numbers = [...new Set(chosen.map(({ requirement }) => requirement))]
  const sound = await runNamedTests(
    checkout,
    numbers,
    [...new Set(numbers.flatMap(tests))],
    limitMs * numbers.length,
  )
  if (sound !== 'passed') throw new Error(`Before anything is broken: ${wordsOf(sound)}`)

  // The original text is restored also if this process is stopped.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  let unnoticed = 0
  for (const { each, place } of places) {
    const outcome = await tryBreak(each, place, tests(each.requirement))
    const noticed = outcome !== 'passed' && !('broken' in outcome)
    if (!noticed) unnoticed += 1
    process.stdout.write(
      `${noticed ? 'noticed  ' : 'UNNOTICED'}  #${each.requirement} ${each.what}\n           ${wordsOf(outcome)}\n`,
    )
  }
  return unnoticed
}

function wordsOf(outcome: Outcome): string {
  if (outcome === 'passed') return 'All tests of that number pass.'
  return 'failed' in outcome ? outcome.failed : `No test failed, but: ${outcome.broken}`
}

async function tryBreak(
  { requirement }: Break,
  { path, text, broken }: Place,
  tests: readonly string[],
): Promise<Outcome> {
  // Uncommitted changes would be lost if this process were killed.
  execFileSync('git', ['diff', '--quiet', 'HEAD', '--', path], { cwd: checkout })
  const restore = () => writeFileSync(join(checkout, path), text)
  process.once('exit', restore)
  writeFileSync(join(checkout, path), broken)
  try {
    return await runNamedTests(checkout, [requirement], tests, limitMs)
  } finally {
    restore()
    process.off('exit', restore)
  }
}
