import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Break, placeOf, type Unbreakable } from './mutation/break.ts'
import { breaks, unbreakable } from './mutation/breaks.ts'

/*
 * Says which test holds which security requirement, and how the code was broken to see whether that test notices. A
 * requirement is a row of docs/security-requirements.md. A test holds it if its title begins with the number (`#6 ...`,
 * or several: `#6 #7 ...`). SECURITY.md gives the reason for each requirement without a test (`- #31 ...`). The breaks
 * stand in `tools/mutation/breaks.ts`. `node tools/security-register.ts` writes the last column of the table and the
 * list below it. With `--check` it only reports faults: an outdated table, a requirement without a break, or a break
 * whose place is gone.
 */

const tablePath = 'docs/security-requirements.md'

/** Paths of files by the number that a title in them begins with. */
export type Holders = ReadonlyMap<number, readonly string[]>

/** All tests of the checkout that git has or would add. */
export async function findHolders(checkout: string): Promise<Holders> {
  const holders = new Map<number, string[]>()
  for (const path of await listFiles(checkout, ['*test*', '*.spec.ts'])) {
    if (!/(\.test|\.spec|-suite)\.ts$|\/suite\.ts$/.test(path)) continue
    const text = await readFile(join(checkout, path), 'utf8')
    for (const number of numbersInTitles(text)) holders.set(number, [...(holders.get(number) ?? []), path])
  }
  return holders
}

/** Paths of the product's own code. */
export function findSources(checkout: string): Promise<string[]> {
  return listFiles(checkout, ['packages/*/src/*.ts', 'packages/*/src/*.tsx'])
}

async function listFiles(checkout: string, patterns: readonly string[]): Promise<string[]> {
  const options = ['--cached', '--others', '--exclude-standard', '--deduplicate']
  const { stdout } = await promisify(execFile)('git', ['ls-files', ...options, ...patterns], {
    cwd: checkout,
    maxBuffer: 2 ** 24,
  })
  // A file that was deleted and not committed yet is still listed.
  return stdout.split('\n').filter((path) => path !== '' && existsSync(join(checkout, path)))
}

/** @returns each number once, in the order of the titles */
export function numbersInTitles(text: string): number[] {
  return numbersIn([...text.matchAll(/\(\s*['"`]((?:#\d+:? )+)/g)])
}

/** Requirements for which SECURITY.md says why no test holds them, or not all of them. */
export function numbersExplained(security: string): number[] {
  return numbersIn([...security.matchAll(/^- ((?:#\d+:? )+)/gm)])
}

function numbersIn(matches: readonly RegExpMatchArray[]): number[] {
  const found = matches.flatMap((match) => [...(match[1] ?? '').matchAll(/\d+/g)].map(Number))
  return [...new Set(found)]
}

/** `packages/server/test/credentials/authorize/protocol.test.ts` → `server/oauth/protocol` */
function shortName(path: string): string {
  return path
    .replace(/^packages\//, '')
    .replace(/(^|\/)tests?\//, '$1')
    .replace(/(\.test|\.spec)?\.ts$/, '')
}

const rowForm = /^\| (\d+) \| ([^|]+) \| ([^|]*) \|$/gm

/** The table, with a last column that follows from the tests and SECURITY.md. */
export function withHolders(table: string, holders: Holders, explained: readonly number[]): string {
  return table.replaceAll(rowForm, (_, digits: string, words: string) => {
    const number = Number(digits)
    const files = (holders.get(number) ?? [])
      .map(shortName)
      .sort()
      .map((file) => `\`${file}\``)
    const held = explained.includes(number) ? [...files, '[SECURITY.md](../SECURITY.md)'] : files
    return `| ${digits} | ${words} | ${held.join(', ')} |`
  })
}

/** Numbers of the table's rows. */
export function requirementsIn(table: string): number[] {
  return [...table.matchAll(rowForm)].map((match) => Number(match[1]))
}

/** The line before the list of breaks, which ends the file. */
const breaksBegin = '<!-- What follows is written from tools/mutation/breaks.ts. -->\n'

/** The page with the list of how each requirement was broken. */
export function withBreaks(page: string, all: readonly Break[], withReason: readonly Unbreakable[]): string {
  const [before, after] = page.split(breaksBegin)
  if (before === undefined || after === undefined)
    throw new Error(`${tablePath} lacks the line: ${breaksBegin}`)
  const lines = requirementsIn(page).map((number) => {
    const faults = all.filter(({ requirement }) => requirement === number).map(({ what }) => what)
    const reason = withReason.find(({ requirement }) => requirement === number)
    const words = reason === undefined ? faults.join('; ') : `not broken: ${reason.why}`
    return `- #${number} ${words.slice(0, 1).toUpperCase()}${words.slice(1)}.\n`
  })
  return `${before}${breaksBegin}\n${lines.join('')}`
}

/** Faults of the breaks, one line each: a requirement without a break, or a break without its place. */
export function faultsOfBreaks(
  numbers: readonly number[],
  all: readonly Break[],
  withReason: readonly Unbreakable[],
  find: (each: Break) => unknown,
): string[] {
  const broken = new Set(all.map(({ requirement }) => requirement))
  const excused = new Set(withReason.map(({ requirement }) => requirement))
  return [
    ...numbers
      .filter((number) => !broken.has(number) && !excused.has(number))
      .map(
        (number) => `#${number} has no break in tools/mutation/breaks, nor a reason why nothing can break it`,
      ),
    ...numbers
      .filter((number) => broken.has(number) && excused.has(number))
      .map((number) => `#${number} has a break, and a reason why nothing can break it`),
    ...[...broken, ...excused]
      .filter((number) => !numbers.includes(number))
      .map((number) => `#${number} has a break, and is no requirement`),
    ...all.flatMap((each) => {
      try {
        find(each)
        return []
      } catch (error) {
        return [`#${each.requirement} ${each.what}: ${error instanceof Error ? error.message : 'no place'}`]
      }
    }),
  ]
}

export async function readRegister(checkout: string) {
  const [table, security, holders, sources] = await Promise.all([
    readFile(join(checkout, tablePath), 'utf8'),
    readFile(join(checkout, 'SECURITY.md'), 'utf8'),
    findHolders(checkout),
    findSources(checkout),
  ])
  const explained = numbersExplained(security)
  const expected = withBreaks(withHolders(table, holders, explained), breaks, unbreakable)
  const faults = faultsOfBreaks(requirementsIn(table), breaks, unbreakable, (each) =>
    placeOf(each, checkout, sources),
  )
  return { table, holders, explained, expected, faults }
}

if (import.meta.main) {
  const checkout = join(import.meta.dirname, '..')
  const { table, expected, faults } = await readRegister(checkout)
  if (table !== expected && process.argv.includes('--check')) {
    faults.push(`${tablePath} is not up to date: node tools/security-register.ts`)
  } else if (table !== expected) await writeFile(join(checkout, tablePath), expected)
  if (faults.length > 0) {
    process.stdout.write(`${faults.join('\n')}\n`)
    process.exitCode = 1
  }
}
