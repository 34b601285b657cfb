import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { auditEntrySchema } from '@latchwork/contract'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Shell } from './command.ts'
import { admin, type Product } from './server.ts'
import { startSignedIn } from './signing-in.ts'

let product: Product
let shell: Shell
beforeAll(async () => {
  const made = await startSignedIn()
  ;({ product, shell } = made)
  const values = { apiKey: product.sandbox.apiKeys[0]?.key ?? '' }
  for (const name of ['Larch', 'Rowan', 'Alder']) {
    const body = { connector: 'close', method: 'api_key', name, values }
    await product.person.client.credentials.create({ body })
  }
  return made.stop
})

describe('latchwork audit list', () => {
  it('shows entries, newest first, by every filter', async () => {
    const sequences = async (...filter: string[]) => {
      const { stdout } = await shell.run(['audit', 'list', ...filter])
      return stdout.split('\n').flatMap((line) => /^\d+/.exec(line)?.[0] ?? [])
    }
    const made = await sequences('--action', 'credential.')
    expect(made).toEqual(['7', '6', '5'])
    expect(await sequences('--action', 'credential.create', '--limit', '2')).toEqual(['7', '6'])
    expect(await sequences('--actor', admin.email)).toEqual(expect.arrayContaining([...made, '3']))
    const { items } = await product.person.client.audit.list({ query: { action: 'credential.' } })
    expect(await sequences('--object', items[0]?.object?.id ?? '')).toEqual(['7'])
    expect(await sequences('--result', 'refused')).toEqual([])
    const today = new Date(items[0]?.at ?? '').toLocaleDateString('sv')
    expect(await sequences('--from', today, '--to', today, '--action', 'credential.')).toEqual(made)
    expect(await sequences('--to', items[1]?.at ?? '', '--action', 'credential.')).toEqual(['6', '5'])
    expect(await sequences('--to', '2001-01-01')).toEqual([])
    expect(await shell.run(['audit', 'list', '--from', 'yesterday'])).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('latchwork audit export', () => {
  const entriesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => auditEntrySchema.parse(JSON.parse(line)))

  it('writes JSON lines, oldest first, to standard output', async () => {
    const exported = await shell.run(['audit', 'export', '--action', 'credential.'])
    expect(exported).toMatchObject({ code: 0, stderr: '' })
    expect(entriesOf(exported.stdout).map(({ sequence }) => sequence)).toEqual([5, 6, 7])
  })

  it('or only those that a filter leaves', async () => {
    const exported = async (...filter: string[]) => {
      const { stdout } = await shell.run(['audit', 'export', ...filter])
      return stdout === '' ? [] : entriesOf(stdout).map(({ sequence }) => sequence)
    }
    const all = await exported()
    const ofAdmin = await exported('--actor', admin.email)
    expect(ofAdmin).toEqual(expect.arrayContaining([5, 6, 7]))
    expect(ofAdmin.length).toBeLessThan(all.length)
    expect(await exported('--result', 'refused')).toEqual([])
    expect(await exported('--result', 'ok')).toEqual(expect.arrayContaining([5, 6, 7]))
    const { items } = await product.person.client.audit.list({ query: { action: 'credential.' } })
    const [last, middle] = items.map(({ at }) => at)
    expect(await exported('--action', 'credential.', '--to', middle ?? '')).toEqual([5, 6])
    expect(await exported('--action', 'credential.', '--from', last ?? '')).toEqual([7])
  })

  it('or to a file for its user alone, and replaces none unless told to', async () => {
    const out = join(shell.home, 'audit.jsonl')
    expect(await shell.json(['audit', 'export', '--out', out])).toMatchObject({
      file: out,
      bytes: statSync(out).size,
    })
    expect(statSync(out).mode & 0o777).toBe(0o600)
    const [first, second] = entriesOf(readFileSync(out, 'utf8'))
    expect([first?.sequence, second?.sequence]).toEqual([1, 2])
    expect(await shell.run(['audit', 'export', '--out', out])).toMatchObject({ code: 2, stdout: '' })
    expect(await shell.run(['audit', 'export', '--out', out, '--force'])).toMatchObject({ code: 0 })
  })

  it('escapes what could turn the terminal around, and is the same JSON', async () => {
    const name = 'Elder\u200freversed\u061c'
    const values = { apiKey: product.sandbox.apiKeys[0]?.key ?? '' }
    const body = { connector: 'close', method: 'api_key', name, values }
    const { id } = await product.person.client.credentials.create({ body })
    const { stdout } = await shell.run(['audit', 'export', '--object', id])
    expect(stdout).not.toMatch(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/)
    expect(stdout).toContain('\\u200f')
    expect(entriesOf(stdout).map(({ object }) => object?.name)).toEqual([name])
  })
})

describe('latchwork audit verify', () => {
  /** In the database, as somebody who has it would; the server runs on. */
  const alter = (statements: string) => {
    const file = new DatabaseSync(join(product.dataDir, 'latchwork.db'))
    file.exec(statements)
    file.close()
  }
  const swap = `update audit_entries set sequence = -1 where sequence = 3;
    update audit_entries set sequence = 3 where sequence = 4;
    update audit_entries set sequence = 4 where sequence = -1;`

  afterEach(async () => {
    expect((await shell.run(['audit', 'verify'])).stdout).toMatch(
      /^The audit log is intact: \d+ entries\.\n$/,
    )
  })

  it.each([
    {
      what: 'altered',
      fault: /entry 3\b.*altered/i,
      change: "update audit_entries set actor_name = 'Somebody else' where sequence = 3",
      back: "update audit_entries set actor_name = 'Administrator' where sequence = 3",
    },
    {
      what: 'removed',
      fault: /entry 4 is missing.*missing/i,
      change: `create table kept as select * from audit_entries where sequence = 4;
        delete from audit_entries where sequence = 4`,
      back: 'insert into audit_entries select * from kept; drop table kept',
    },
    { what: 'moved', fault: /entry 3\b.*moved.*altered/i, change: swap, back: swap },
  ])('ends with 1 and names the entry that was $what', async ({ fault, change, back }) => {
    alter(change)
    try {
      const verdict = await shell.run(['audit', 'verify'])
      expect(verdict).toMatchObject({ code: 1, stdout: '' })
      expect(verdict.stderr).toMatch(fault)
      const asJson = await shell.run(['audit', 'verify', '--json'])
      expect(asJson.code).toBe(1)
      expect(JSON.parse(asJson.stdout)).toMatchObject({
        intact: false,
        fault: { message: expect.anything() },
      })
    } finally {
      alter(back)
    }
  })
})
