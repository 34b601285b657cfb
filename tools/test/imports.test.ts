import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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

let folder: string
beforeEach(() => {
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
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the import check', () => {
  it('accepts every arrow that is allowed', async () => {
    write('packages/sync/test/run.test.ts', "import 'close-sandbox'\nimport '../src/index.ts'")
    expect(await violations()).toEqual([])
  })

  it('refuses every other arrow', async () => {
    const forbidden = parts.flatMap((from) =>
      parts.filter((to) => to !== from && !sound[from]?.includes(ours(to))).map((to) => ({ from, to })),
    )
    // The server may import these, too, though the example above does not.
    const refused = forbidden.filter(
      ({ from, to }) => from !== 'server' || to === 'web' || to === 'close-sandbox',
    )
    for (const { from, to } of forbidden) write(`packages/${from}/src/to-${to}.ts`, `import '${ours(to)}'`)
    const found = (await inspect()).filter(({ rule }) => rule.name.startsWith('arrow-from-'))
    const expected = refused.map(({ from, to }) => `arrow-from-${from}: packages/${from}/src/to-${to}.ts`)
    expect(found.map(({ rule, from }) => `${rule.name}: ${from}`).sort()).toEqual(expected.sort())
  })

  it('refuses an arrow of types alone', async () => {
    write(
      'packages/close/src/index.ts',
      `import type { id } from '@latchwork/contract'\nexport type Id = typeof id`,
    )
    expect(await violations()).toContain('arrow-from-close')
  })

  it('refuses the sandbox outside tests, and other parts in tests', async () => {
    write('packages/sync/test/run.test.ts', "import '@latchwork/server'")
    expect(await violations()).toContain('arrow-from-tests-of-sync')
  })

  it.each([
    [
      'values',
      "import { b } from './b.ts'\nexport const a = () => b",
      "import { a } from './a.ts'\nexport const b = () => a",
    ],
    [
      'types',
      "import type { B } from './b.ts'\nexport interface A { b: B }",
      "import type { A } from './a.ts'\nexport interface B { a: A }",
    ],
  ])('refuses a circle of %s', async (_, a, b) => {
    write('packages/close/src/a.ts', a)
    write('packages/close/src/b.ts', b)
    write('packages/close/src/index.ts', "export * from './a.ts'")
    expect(await violations()).toContain('no-cycle')
  })

  it('refuses a circle of folders, though its files form none', async () => {
    write('packages/web/src/a/up.ts', "import { floor } from '../b/floor.ts'\nexport const up = floor")
    write('packages/web/src/a/base.ts', 'export const base = 1')
    write('packages/web/src/b/floor.ts', 'export const floor = 1')
    write('packages/web/src/b/back.ts', "import { base } from '../a/base.ts'\nexport const back = base")
    expect(await violations()).toContain('no-folder-circle')
  })

  it.each([
    ['no-path-into-package', "import { id } from '../../contract/src/index.ts'\nexport const vault = id"],
    ['no-deep-import', "import { id } from '../../contract/src/inner.ts'\nexport const vault = id"],
    ['unresolvable', "import { id } from '@latchwork/contract/src/inner.ts'\nexport const vault = id"],
    ['no-test-in-product', "export { faked } from '../test/faked.ts'"],
    ['node-modules-of-vault', "import { connect } from 'node:net'\nexport const vault = connect"],
  ])('finds %s', async (rule, text) => {
    write('packages/contract/src/inner.ts', 'export const id = 1')
    write('packages/contract/src/index.ts', "export { id } from './inner.ts'")
    write('packages/vault/test/faked.ts', 'export const faked = 1')
    write('packages/vault/src/index.ts', text)
    expect(await violations()).toContain(rule)
  })

  it('finds a file that nothing imports, and a part without rules', async () => {
    write('packages/close/src/left-over.ts', 'export const left = 1')
    write(
      'packages/surprise/src/index.ts',
      "import { id } from '@latchwork/contract'\nexport const surprise = id",
    )
    expect(await violations()).toEqual(expect.arrayContaining(['no-orphan', 'unknown-part']))
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

/** Names of the rules that the example repository breaks. */
async function violations(): Promise<string[]> {
  return (await inspect()).map(({ rule }) => rule.name)
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
