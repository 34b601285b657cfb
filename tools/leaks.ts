import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Texts that no committed file may hold: a real secret, or a path of one machine. */
const patterns: Readonly<Record<string, RegExp>> = {
  'a path of one machine': /(?<![\w.@/:-])\/(?:home|Users|root|work)\/[\w.-]+|[A-Z]:\\Users\\\w+/,
  'a path outside the repository': /\.\.\/shared\//,
  'a private key': /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\r?\n?[A-Za-z0-9+/=\r\n]{40,}/,
  'a cloud access key': /\bAKIA[0-9A-Z]{16}\b/,
  'an access token': /\b(?:gh[pousr]_[A-Za-z0-9]{36}|npm_[A-Za-z0-9]{36}|xox[abprs]-[A-Za-z0-9-]{20,})\b/,
}
const largestBytes = 5 * 2 ** 20

/**
 * Searches the files that git has or would add.
 * @returns one line for each: `file:line: what`
 */
export async function findLeaks(folder: string): Promise<string[]> {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout } = await promisify(execFile)('git', list, { cwd: folder, maxBuffer: 64 * 2 ** 20 })
  return stdout
    .split('\0')
    .filter((name) => name !== '' && existsSync(join(folder, name)) && statSync(join(folder, name)).isFile())
    .filter((name) => statSync(join(folder, name)).size <= largestBytes)
    .flatMap((name) => inspect(name, readFileSync(join(folder, name), 'utf8')))
}

function inspect(name: string, text: string): string[] {
  return Object.entries(patterns).flatMap(([what, pattern]) => {
    const found = pattern.exec(text)
    if (found === null) return []
    return [`${name}:${text.slice(0, found.index).split('\n').length}: holds ${what}`]
  })
}
