import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  combineKeys,
  countOperations,
  createLocalProvider,
  type KeyProvider,
  openKeyFile,
} from '../src/index.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchwork-key-changes-'))
  path = join(folder, 'master.key')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const dataKey = randomBytes(32)

describe('a key file', () => {
  it('takes a key that opens and does not seal until it is made active', async () => {
    const keys = openKeyFile(path, { create: true })
    const first = keys.activeKeyId
    const underFirst = await keys.wrap(dataKey)
    const second = keys.add()
    expect(keys.keyIds).toEqual([first, second])
    expect(keys.activeKeyId).toBe(first)

    keys.activate(second)
    expect(keys.keyIds).toEqual([second, first])
    expect(await keys.wrap(dataKey)).toContain(`.${second}.`)
    expect(dataKey.equals(await keys.unwrap(underFirst))).toBe(true)
    expect(readFileSync(path, 'utf8')).toMatch(/^# Latchwork master key/)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('is followed by every server that has it open', async () => {
    const one = openKeyFile(path, { create: true })
    const other = openKeyFile(path, { create: false })
    const second = one.add()
    one.activate(second)
    expect(other.activeKeyId).toBe(second)
    expect(dataKey.equals(await other.unwrap(await one.wrap(dataKey)))).toBe(true)
  })

  it('puts a key away into a file of its own, where nothing reads it', async () => {
    const keys = openKeyFile(path, { create: true })
    const first = keys.activeKeyId
    const line = readFileSync(path, 'utf8').split('\n')[1] ?? ''
    const underFirst = await keys.wrap(dataKey)
    expect(() => keys.archive(first)).toThrow(expect.objectContaining({ code: 'master_key_in_use' }))
    keys.activate(keys.add())
    keys.archive(first)
    expect(readFileSync(path, 'utf8')).not.toContain(line)
    expect(readFileSync(`${path}.retired`, 'utf8')).toContain(line)
    expect(statSync(`${path}.retired`).mode & 0o777).toBe(0o600)
    await expect(keys.unwrap(underFirst)).rejects.toMatchObject({ code: 'master_key_missing' })
    expect(() => keys.archive(first)).toThrow(expect.objectContaining({ code: 'master_key_missing' }))
    expect(() => keys.activate(first)).toThrow(expect.objectContaining({ code: 'master_key_missing' }))
  })

  it('that is damaged or taken away under a running server leaves it the keys that it has', async () => {
    const keys = openKeyFile(path, { create: true })
    const first = keys.activeKeyId
    writeFileSync(path, 'no key at all')
    expect(keys.activeKeyId).toBe(first)
    rmSync(path)
    expect(dataKey.equals(await keys.unwrap(await keys.wrap(dataKey)))).toBe(true)
    expect(() => keys.add()).toThrow(expect.objectContaining({ code: 'master_key_missing' }))
  })
})

describe('keys of several providers', () => {
  let one: KeyProvider
  let other: KeyProvider
  beforeEach(() => {
    one = createLocalProvider([randomBytes(32)], 'one file')
    other = createLocalProvider([randomBytes(32)], 'another')
  })

  it('seal with the first and open with each', async () => {
    const ring = combineKeys(one, [other], new Set())
    expect(ring.keyIds).toEqual([one.activeKeyId, other.activeKeyId])
    expect(ring.activeKeyId).toBe(one.activeKeyId)
    expect(ring.description).toBe('one file and another')
    expect(combineKeys(one, [one], new Set()).keyIds).toEqual([one.activeKeyId])
    expect(await ring.wrap(dataKey)).toContain(one.activeKeyId)
    expect(dataKey.equals(await ring.unwrap(await other.wrap(dataKey)))).toBe(true)
  })

  it('neither seal nor open once they are retired', async () => {
    const retired = new Set<string>()
    const ring = combineKeys(one, [other], retired)
    retired.add(other.activeKeyId)
    expect(ring.keyIds).toEqual([one.activeKeyId])
    await expect(ring.unwrap(await other.wrap(dataKey))).rejects.toMatchObject({ code: 'master_key_missing' })
    retired.add(one.activeKeyId)
    await expect(ring.wrap(dataKey)).rejects.toMatchObject({
      code: 'master_key_missing',
      message: expect.stringContaining(`${one.activeKeyId} was retired`),
    })
  })
})

describe('#34 the count of uses of a key', () => {
  let provider: KeyProvider
  beforeEach(() => {
    provider = createLocalProvider([randomBytes(32)], 'a test')
  })

  it('is stored before the uses, in batches, and never lower than they are', async () => {
    let stored = 0
    const counted = await countOperations(
      provider,
      async (keyId, uses) => {
        expect(keyId).toBe(provider.activeKeyId)
        stored += uses
      },
      100,
    )
    for (let uses = 1; uses <= 350; uses++) {
      await counted.provider.wrap(dataKey)
      expect(stored).toBeGreaterThanOrEqual(uses)
    }
    await counted.drain()
    expect(stored).toBeLessThanOrEqual(500)
  })

  it('is raised when less than half a batch is left, and once at a time', async () => {
    let reserved = 0
    let store = () => {}
    const counted = await countOperations(
      provider,
      () => {
        reserved += 1
        return reserved === 1 ? Promise.resolve() : new Promise((resolve) => (store = resolve))
      },
      10,
    )
    for (let uses = 0; uses < 5; uses++) await counted.provider.wrap(dataKey)
    expect(reserved).toBe(1)
    for (let uses = 0; uses < 5; uses++) await counted.provider.wrap(dataKey)
    expect(reserved).toBe(2)
    let drained = false
    const draining = counted.drain().then(() => (drained = true))
    await counted.provider.wrap(dataKey)
    expect([reserved, drained]).toEqual([2, false])
    store()
    await draining
  })

  it('is one for each key, and hides nothing of the provider', async () => {
    const folderKeys = openKeyFile(path, { create: true })
    const uses = new Map<string, number>()
    const counted = await countOperations(
      folderKeys,
      async (keyId, count) => void uses.set(keyId, (uses.get(keyId) ?? 0) + count),
      10,
    )
    const first = counted.provider.activeKeyId
    const second = folderKeys.add()
    folderKeys.activate(second)
    const wrapped = await counted.provider.wrap(dataKey)
    await counted.drain()
    expect([...uses]).toEqual([
      [first, 10],
      [second, 10],
    ])
    expect(counted.provider.keyIds).toEqual([second, first])
    expect(counted.provider.description).toBe(folderKeys.description)
    expect(dataKey.equals(await counted.provider.unwrap(wrapped))).toBe(true)
  })

  it('catches up after the database was away, and stops nothing meanwhile', async () => {
    let stored = 0
    let away = true
    const counted = await countOperations(
      provider,
      async (_keyId, uses) => {
        if (away) throw new Error('away')
        stored += uses
      },
      10,
    )
    for (let uses = 0; uses < 45; uses++) await counted.provider.wrap(dataKey)
    expect(stored).toBe(0)
    away = false
    for (let uses = 0; uses < 20; uses++) await counted.provider.wrap(dataKey)
    await counted.drain()
    expect(stored).toBeGreaterThanOrEqual(65)
  })
})
