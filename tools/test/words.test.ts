import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

const checkout = join(import.meta.dirname, '../..')

/** Words of an older dialect, and what the glossary of ARCHITECTURE.md says for each. No name in the code has one. */
const replaced: Readonly<Record<string, string>> = {
  told: 'reported',
  kept: 'retained, stored',
  settled: 'resolved, ended',
  behind: 'after, in background, lag',
  fact: 'metadata, detail',
  facts: 'metadata, details',
  anew: 're…, again',
  trying: 'preview, sample',
  moving: 'the name of what is composed',
  adoption: 'reconciliation',
  patience: 'timeouts',
  surroundings: 'environment',
}
/** Names of a flow's side: `end` is a verb of the code. */
const sides = /^(Ends?|ends|EndKind|EndStore|EndRow|EndView|NewEnd|UnsavedEnd)$/
/** Whole names that had another meaning. */
const names: ReadonlySet<string> = new Set(['setAside', 'putAside', 'putAway', 'sealAnew', 'takeBack'])
/** Names of the platform and of libraries. */
const given: ReadonlySet<string> = new Set(['allSettled', 'onSettled', 'End'])

function partsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_#$]+/)
}

function* namesIn(node: ts.Node): Generator<string> {
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) yield node.text
  for (const child of node.getChildren()) yield* namesIn(child)
}

it('no name in the product has a word that the glossary replaced', async () => {
  const found = new Set<string>()
  let files = 0
  for await (const file of glob('packages/*/src/**/*.{ts,tsx}', { cwd: checkout })) {
    // Released migrations never change.
    if (file.includes('/migrations/')) continue
    files += 1
    const source = ts.createSourceFile(
      file,
      readFileSync(join(checkout, file), 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    )
    for (const name of namesIn(source)) {
      if (given.has(name)) continue
      const word = partsOf(name).find((part) => Object.hasOwn(replaced, part))
      if (word !== undefined || sides.test(name) || names.has(name)) found.add(`${file}: ${name}`)
    }
  }
  expect([...found]).toEqual([])
  expect(files).toBeGreaterThan(100)
})
