import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it, vi } from 'vitest'

// Reads every file of the product: 5 seconds alone, a minute on a machine that runs everything at once.
vi.setConfig({ testTimeout: 180_000 })

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
const names: ReadonlySet<string> = new Set([
  ...['setAside', 'putAside', 'putAway', 'sealAnew', 'takeBack'],
  // Never just "key".
  ...[
    'nameKey',
    'naturalKey',
    'recordKey',
    'ledgerKey',
    'key_rejected',
    'key_disabled',
    'key_not_found',
    'key_in_use',
  ],
])
/** Names of the platform and of libraries. */
const given: ReadonlySet<string> = new Set(['allSettled', 'onSettled', 'End'])

/** No comment, text or document has one of these. Words that are also ordinary English are held for names only. */
const unclear: readonly { readonly what: RegExp; readonly say: string }[] = [
  { what: /\banew\b/i, say: 're…, again' },
  { what: /\badoption\b/i, say: 'reconciliation' },
  { what: /\bpatience\b/i, say: 'timeouts' },
  { what: /\bsurroundings\b/i, say: 'environment' },
  { what: /\b(put|set)(s|ting)? aside\b/i, say: 'replaced, quarantine' },
  { what: /\b(take[sn]?|taking|took) back\b/i, say: 'undo, revoke, roll back' },
  { what: /\b(Whoever|Whatever|Whichever)\b/, say: 'a sentence that begins with its subject' },
]

/** Documents that are written now; the history and the decisions say what was said then. */
const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/*.md']

async function filesOf(patterns: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for await (const file of glob(patterns, { cwd: checkout })) {
    // Released migrations never change.
    if (!/\/(migrations|node_modules|dist)\//.test(file)) files.push(file)
  }
  expect(files.length).toBeGreaterThan(10)
  return files.sort()
}

function partsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_#$]+/)
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(checkout, file), 'utf8'), ts.ScriptTarget.Latest, true)
}

function* namesIn(node: ts.Node): Generator<string> {
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) yield node.text
  for (const child of node.getChildren()) yield* namesIn(child)
}

function* commentsIn(node: ts.Node, code: string): Generator<string> {
  if (node.getChildCount() === 0) {
    const around = [
      ...(ts.getLeadingCommentRanges(code, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(code, node.getEnd()) ?? []),
    ]
    for (const { pos, end } of around) yield code.slice(pos, end)
  }
  for (const child of node.getChildren()) yield* commentsIn(child, code)
}

function* textsIn(node: ts.Node): Generator<string> {
  if (ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node) || ts.isJsxText(node)) yield node.text
  for (const child of node.getChildren()) yield* textsIn(child)
}

/** What each unclear word in the text is, and what to say for it. */
function unclearIn(file: string, text: string): string[] {
  const inOneLine = text.replace(/\n\s*(\*|\/\/)?\s*/g, ' ')
  return unclear.flatMap(({ what, say }) => {
    const found = what.exec(inOneLine)
    if (found === null) return []
    return [`${file}: “…${inOneLine.slice(Math.max(0, found.index - 40), found.index + 40)}…”: say ${say}`]
  })
}

it('no name in the product has a word that the glossary replaced', async () => {
  const found = new Set<string>()
  for (const file of await filesOf(['packages/*/src/**/*.{ts,tsx}'])) {
    for (const name of namesIn(parse(file))) {
      if (given.has(name)) continue
      const word = partsOf(name).find((part) => Object.hasOwn(replaced, part))
      if (word !== undefined || sides.test(name) || names.has(name)) found.add(`${file}: ${name}`)
    }
  }
  expect([...found]).toEqual([])
})

/** The files' sources that have an unclear word anywhere: only these need a look at its place. */
async function* suspects(patterns: readonly string[]): AsyncGenerator<[file: string, source: ts.SourceFile]> {
  for (const file of await filesOf(patterns)) {
    if (unclearIn(file, readFileSync(join(checkout, file), 'utf8')).length > 0) yield [file, parse(file)]
  }
}

it('no comment has an unclear word of the older dialect', async () => {
  const found = new Set<string>()
  const code = ['packages/*/{src,test}/**/*.{ts,tsx}', '{tools,bench,e2e}/**/*.{ts,mjs}']
  for await (const [file, source] of suspects(code)) {
    for (const comment of commentsIn(source, source.text)) {
      for (const fault of unclearIn(file, comment)) found.add(fault)
    }
  }
  expect([...found]).toEqual([])
})

it('no text of the product has one', async () => {
  const found: string[] = []
  for await (const [file, source] of suspects(['packages/*/src/**/*.{ts,tsx}'])) {
    for (const text of textsIn(source)) found.push(...unclearIn(file, text))
  }
  expect(found).toEqual([])
})

it('no document has one', async () => {
  const found: string[] = []
  for (const file of await filesOf(documents)) {
    for (const line of readFileSync(join(checkout, file), 'utf8').split('\n'))
      found.push(...unclearIn(file, line))
  }
  expect(found).toEqual([])
})
