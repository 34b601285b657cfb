import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/*
 * Which test holds which security requirement. A requirement is a row of docs/security-requirements.md; a test holds it
 * whose title begins with its number (`#6 ...`, or several: `#6 #7 ...`). SECURITY.md says of each other one why no
 * test does (`- #31 ...`).
 * Writes the last column of the table: `node tools/security-register.ts`. With `--check` it only says what is wrong.
 */

const tablePath = 'docs/security-requirements.md'
export const requirementCount = 61

/** Files by the number that a title in them begins with. */
export type Holders = ReadonlyMap<number, readonly string[]>

/** All tests of the checkout that git knows or will know. */
export async function findHolders(checkout: string): Promise<Holders> {
  const list = [
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
    '*test*',
    '*.spec.ts',
  ]
  const { stdout } = await promisify(execFile)('git', list, { cwd: checkout, maxBuffer: 2 ** 24 })
  const holders = new Map<number, string[]>()
  for (const path of stdout
    .split('\n')
    .filter((name) => /(\.test|\.spec|-suite)\.ts$|\/suite\.ts$/.test(name))) {
    // A file that was deleted and not committed yet is still listed.
    const text = await readFile(join(checkout, path), 'utf8').catch(() => '')
    for (const number of numbersInTitles(text)) {
      holders.set(number, [...(holders.get(number) ?? []), shortName(path)])
    }
  }
  return holders
}

/** @returns each number once, in the order of the titles */
export function numbersInTitles(text: string): number[] {
  return numbersIn([...text.matchAll(/\(\s*['"`]((?:#\d+:? )+)/g)])
}

/** Requirements of which SECURITY.md says why no test holds them, or not the whole. */
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

/** The table with its last column as the tests and SECURITY.md have it. */
export function withHolders(table: string, holders: Holders, explained: readonly number[]): string {
  return table.replaceAll(rowForm, (_, digits: string, words: string) => {
    const number = Number(digits)
    const files = [...(holders.get(number) ?? [])].sort().map((file) => `\`${file}\``)
    const held = explained.includes(number) ? [...files, '[SECURITY.md](../SECURITY.md)'] : files
    return `| ${digits} | ${words} | ${held.join(', ')} |`
  })
}

/** Numbers of the table's rows. */
export function requirementsIn(table: string): number[] {
  return [...table.matchAll(rowForm)].map((match) => Number(match[1]))
}

export async function readRegister(checkout: string) {
  const [table, security, holders] = await Promise.all([
    readFile(join(checkout, tablePath), 'utf8'),
    readFile(join(checkout, 'SECURITY.md'), 'utf8'),
    findHolders(checkout),
  ])
  const explained = numbersExplained(security)
  return { table, holders, explained, expected: withHolders(table, holders, explained) }
}

if (import.meta.main) {
  const checkout = join(import.meta.dirname, '..')
  const { table, expected } = await readRegister(checkout)
  if (table !== expected && process.argv.includes('--check')) {
    process.stdout.write(`${tablePath} is not up to date: node tools/security-register.ts\n`)
    process.exitCode = 1
  } else if (table !== expected) await writeFile(join(checkout, tablePath), expected)
}
