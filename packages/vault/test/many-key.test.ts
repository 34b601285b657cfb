import { describe, expect, it } from 'vitest'
import { createLocalProvider, createVault, newManyKey, openManyKey } from '../src/index.ts'

const master = (filling: number) => createLocalProvider([Buffer.alloc(32, filling)], 'a test')
const vault = createVault(master(7))
const row = { table: 'run_keys', rowId: 'run_1', version: 1 }
const place = { table: 'refused_records', rowId: 'run_1:1', field: 'record', version: 1 }

describe('#36 a key for many values', () => {
  it('opens what it sealed, in that place and under that key alone', async () => {
    const { key, sealed } = await newManyKey(vault, row)
    const other = await newManyKey(vault, row)
    const value = key.seal(place, 'pä ss\0')
    for (const each of [key, await openManyKey(vault, row, sealed)])
      expect(each.open(place, value)).toBe('pä ss\0')
    for (const elsewhere of [
      { ...place, table: 'last_records' },
      { ...place, rowId: 'run_2:1' },
      { ...place, field: 'reason' },
      { ...place, version: 2 },
    ])
      expect(() => key.open(elsewhere, value)).toThrow(expect.objectContaining({ code: 'secret_unreadable' }))
    expect(() => other.key.open(place, value)).toThrow(expect.objectContaining({ code: 'secret_unreadable' }))
    expect(() => key.open(place, value.slice(0, -2))).toThrow()
    expect(key.seal(place, 'pä ss\0')).not.toBe(value)
  })

  it('is opened for its own row alone', async () => {
    const { sealed } = await newManyKey(vault, row)
    await expect(openManyKey(vault, { ...row, rowId: 'run_2' }, sealed)).rejects.toMatchObject({
      code: 'secret_unreadable',
    })
    await expect(openManyKey(createVault(master(8)), row, sealed)).rejects.toMatchObject({
      code: 'master_key_missing',
    })
    await expect(openManyKey(vault, row, { ...sealed, fields: {} })).rejects.toMatchObject({
      code: 'secret_unreadable',
    })
  })

  it('stays through a rotation, which its values know nothing of: they name it, not the master key', async () => {
    const { key, sealed } = await newManyKey(vault, row)
    const value = key.seal(place, 'kept')
    const ring = createLocalProvider([Buffer.alloc(32, 8), Buffer.alloc(32, 7)], 'a test')
    const after = await createVault(ring).reseal(row, sealed, row, {})
    expect((await openManyKey(createVault(master(8)), row, after)).open(place, value)).toBe('kept')
    expect(value).toMatch(/^lw1\.[0-9a-f]{16}\./)
    expect(value).not.toContain(vault.keyId)
    expect(key.seal(place, '').split('.')[1]).toBe(value.split('.')[1])
  })
})
