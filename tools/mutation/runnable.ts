import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The files that vitest runs for these. A suite is replaced by the tests that import it; a browser test is left out.
 * @param holders paths in the checkout
 */
export function findRunnable(holders: readonly string[], checkout: string): string[] {
  const found = holders.flatMap((path) => {
    if (path.endsWith('.spec.ts')) return []
    if (path.endsWith('.test.ts')) return [path]
    return findRunnable(importersOf(path, checkout), checkout)
  })
  return [...new Set(found)]
}

/** The tests that import a suite; they are in its folder. */
function importersOf(suite: string, checkout: string): string[] {
  const folder = dirname(suite)
  const listed = execFileSync('git', ['ls-files', '--', `${folder}/*.ts`], {
    cwd: checkout,
    encoding: 'utf8',
  })
  const words = `from './${suite.slice(folder.length + 1)}'`
  return listed
    .split('\n')
    .filter((path) => path !== '' && readFileSync(join(checkout, path), 'utf8').includes(words))
}
