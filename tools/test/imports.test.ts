import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

const checkout = join(import.meta.dirname, '../..')
const parts = ['contract', 'close', 'close-sandbox', 'vault', 'connectors', 'sync', 'server', 'web']
const ours = (part: string) => (part === 'close-sandbox' ? part : `@latchwork/${part}`)

/** A repository of the same shape. Each part imports what it may import. */
const sound: Readonly<Record<string, string>> = {
  contract: 'export const id = 1',
  close: 'export const client = 1',
  'close-sandbox': "import { createServer } from 'node:http'\nexport const sandbox = createServer",
  vault: "import { id } from '@latchwork/contract'\nexport const vault = id",
  connectors:
    "import { id } from '@latchwork/contract'\nimport { client } from '@latchwork/close'\nexport const all = [id, client]",
  sync: "import { id } from '@latchwork/contract'\nimport { all } from '@latchwork/connectors'\nexport const run = [id, all]",
  server:
    "import { run } from '@latchwork/sync'\nimport { vault } from '@latchwork/vault'\nexport const server = [run, vault]",
  web: "import { id } from '@latchwork/contract'\nexport const page = id",
}

/** One file or more for each fault. */
const faulty: Readonly<Record<string, string>> = {
  'packages/close/src/types-only.ts': `import type { id } from '@latchwork/contract'\nexport type Id = typeof id`,
  'packages/sync/test/run.test.ts': "import '@latchwork/server'",
  'packages/close/src/values/a.ts': "import { b } from './b.ts'\nexport const a = () => b",
  'packages/close/src/values/b.ts': "import { a } from './a.ts'\nexport const b = () => a",
  'packages/close/src/types/a.ts': "import type { B } from './b.ts'\nexport interface A { b: B }",
  'packages/close/src/types/b.ts': "import type { A } from './a.ts'\nexport interface B { a: A }",
  'packages/web/src/a/up.ts': "import { floor } from '../b/floor.ts'\nexport const up = floor",
  'packages/web/src/a/base.ts': 'export const base = 1',
  'packages/web/src/b/floor.ts': 'export const floor = 1',
  'packages/web/src/b/back.ts': "import { base } from '../a/base.ts'\nexport const back = base",
  'packages/contract/src/inner.ts': 'export const id = 1',
  'packages/vault/src/path.ts': "import { id } from '../../contract/src/inner.ts'\nexport const vault = id",
  'packages/vault/src/unresolvable.ts':
    "import { id } from '@latchwork/contract/src/inner.ts'\nexport const vault = id",
  'packages/vault/test/faked.ts': 'export const faked = 1',
  'packages/vault/src/tested.ts': "export { faked } from '../test/faked.ts'",
  'packages/vault/src/net.ts': "import { connect } from 'node:net'\nexport const vault = connect",
  'packages/close/src/left-over.ts': 'export const left = 1',
  'packages/surprise/src/index.ts': "import { id } from '@latchwork/contract'\nexport const surprise = id",
}

let folder: string
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Makes the sound repository. */
function lay(): void {
  folder = mkdtempSync(join(tmpdir(), 'latchwork-imports-'))
  for (const part of parts) {
    write(
      `packages/${part}/package.json`,
      JSON.stringify({ name: ours(part), exports: { '.': './src/index.ts' } }),
    )
    write(`packages/${part}/src/index.ts`, sound[part] ?? '')
    const link = join(folder, 'node_modules', ours(part))
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(folder, 'packages', part), link)
  }
  cpSync(join(checkout, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'))
}

it('the import check accepts every arrow that is allowed', async () => {
  lay()
  write('packages/sync/test/run.test.ts', "import 'close-sandbox'\nimport '../src/index.ts'")
  expect(await violations()).toEqual([])
})

describe('in a repository with every fault, the import check finds', () => {
  const forbidden = parts.flatMap((from) =>
    parts.filter((to) => to !== from && !sound[from]?.includes(ours(to))).map((to) => ({ from, to })),
  )
  let found: readonly string[]
  beforeAll(async () => {
    lay()
    for (const [path, text] of Object.entries(faulty)) write(path, text)
    for (const { from, to } of forbidden) write(`packages/${from}/src/to-${to}.ts`, `import '${ours(to)}'`)
    found = await violations()
  })

  it('every arrow that is not allowed', () => {
    // The server may import these, too, though the sound repository does not.
    const refused = forbidden.filter(
      ({ from, to }) => from !== 'server' || to === 'web' || to === 'close-sandbox',
    )
    const expected = refused.map(({ from, to }) => `arrow-from-${from}: packages/${from}/src/to-${to}.ts`)
    const arrows = found.filter((each) => /^arrow-from-.*\/to-[^/]*$/.test(each))
    expect(arrows.toSorted()).toEqual(expected.toSorted())
  })

  it.each([
    ['an arrow of types alone', 'arrow-from-close: packages/close/src/types-only.ts'],
    ['other parts in tests', 'arrow-from-tests-of-sync: packages/sync/test/run.test.ts'],
    ['a circle of values', 'no-cycle: packages/close/src/values/a.ts'],
    ['a circle of types', 'no-cycle: packages/close/src/types/a.ts'],
    ['a circle of folders, though its files form none', 'no-folder-circle: packages/web/src/a'],
    ['a path into another part', 'no-path-into-package: packages/vault/src/path.ts'],
    ['a deep import', 'no-deep-import: packages/vault/src/path.ts'],
    ['what does not resolve', 'unresolvable: packages/vault/src/unresolvable.ts'],
    ['a test in the product', 'no-test-in-product: packages/vault/src/tested.ts'],
    ['a module of Node that a part may not use', 'node-modules-of-vault: packages/vault/src/net.ts'],
    ['a file that nothing imports', 'no-orphan: packages/close/src/left-over.ts'],
    ['a part without rules', 'unknown-part: packages/surprise/src/index.ts'],
  ])('%s', (_, violation) => {
    expect(found).toContain(violation)
  })
})

function write(path: string, text: string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

const report = z.object({
  summary: z.object({
    violations: z.array(z.object({ rule: z.object({ name: z.string() }), from: z.string() })),
  }),
})

/** What the check finds: `rule: file`. */
async function violations(): Promise<string[]> {
  return (await inspect()).map(({ rule, from }) => `${rule.name}: ${from}`)
}

function inspect(): Promise<z.infer<typeof report>['summary']['violations']> {
  const program = join(checkout, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
  const config = join(checkout, '.dependency-cruiser.mjs')
  return new Promise((resolve, reject) => {
    const args = [program, '--config', config, '-T', 'json', 'packages']
    execFile(
      process.execPath,
      args,
      { cwd: folder, encoding: 'utf8', maxBuffer: 16 * 2 ** 20 },
      (_, stdout, stderr) => {
        try {
          resolve(report.parse(JSON.parse(stdout)).summary.violations)
        } catch (error) {
          reject(new Error(`${stdout}${stderr}`, { cause: error }))
        }
      },
    )
  })
}
