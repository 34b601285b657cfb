import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  createLocalProvider,
  createVault,
  type Place,
  type SealedRow,
  Secret,
  type Vault,
} from '../src/index.ts'

let vault: Vault
beforeEach(() => {
  vault = createVault(createLocalProvider([randomBytes(32)], 'a test'))
})
const place: Place = { table: 'credentials', rowId: 'cred_a', version: 1 }
const unreadable = expect.objectContaining({ code: 'secret_unreadable' })

const withField = (row: SealedRow, field: string, value: string): SealedRow => ({
  ...row,
  fields: { ...row.fields, [field]: value },
})

describe('a sealed row', () => {
  it('opens to what was sealed, whatever it was', async () => {
    const secrets = fc.dictionary(
      fc.string({ minLength: 1 }),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
    )
    await fc.assert(
      fc.asyncProperty(secrets, async (plain) => {
        const row = await vault.seal(
          place,
          Object.fromEntries(Object.entries(plain).map(([field, text]) => [field, new Secret(text)])),
        )
        const stored: SealedRow = JSON.parse(JSON.stringify(row))
        for (const [field, text] of Object.entries(plain)) {
          expect((await vault.open(place, stored, field)).reveal()).toBe(text)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('holds 10 kB', async () => {
    const text = 'ü'.repeat(10_240)
    const row = await vault.seal(place, { apiKey: new Secret(text) })
    expect((await vault.open(place, row, 'apiKey')).reveal()).toBe(text)
  })

  it('opens in no other table, row, version or field', async () => {
    const secrets = { a: new Secret('one'), b: new Secret('two') }
    const row = await vault.seal(place, secrets)
    const places: Place[] = [
      { ...place, table: 'sources' },
      { ...place, rowId: 'cred_b' },
      { ...place, version: 2 },
    ]
    for (const other of places) await expect(vault.open(other, row, 'a')).rejects.toEqual(unreadable)
    const swapped = { ...row, fields: { a: row.fields['b'] ?? '', b: row.fields['a'] ?? '' } }
    await expect(vault.open(place, swapped, 'a')).rejects.toEqual(unreadable)
  })

  it("does not open with another row's data key or ciphertext", async () => {
    const other: Place = { ...place, rowId: 'cred_b' }
    const [first, second] = [
      await vault.seal(place, { apiKey: new Secret('first') }),
      await vault.seal(other, { apiKey: new Secret('second') }),
    ]
    await expect(vault.open(place, second, 'apiKey')).rejects.toEqual(unreadable)
    await expect(vault.open(place, { ...first, wrappedKey: second.wrappedKey }, 'apiKey')).rejects.toEqual(
      unreadable,
    )
    const moved = withField(first, 'apiKey', second.fields['apiKey'] ?? '')
    await expect(vault.open(place, moved, 'apiKey')).rejects.toEqual(unreadable)
  })

  it('does not open with one character changed, added or taken away, wherever it is', async () => {
    const row = await vault.seal(place, { apiKey: new Secret('api_0123456789') })
    const value = row.fields['apiKey'] ?? ''
    const change = fc.record({
      at: fc.nat(value.length - 1),
      to: fc.constantFrom(...'AZaz09-_.'),
      how: fc.constantFrom('change', 'add', 'cut', 'end'),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ at, to, how }) => {
        const rest = value.slice(how === 'add' ? at : at + 1)
        const altered =
          how === 'end' ? value.slice(0, at) : value.slice(0, at) + (how === 'cut' ? '' : to) + rest
        // The id of the master key is a hint for rotation; the key itself is what counts.
        fc.pre(altered !== value && altered.split('.')[1] === value.split('.')[1])
        await expect(vault.open(place, withField(row, 'apiKey', altered), 'apiKey')).rejects.toEqual(
          unreadable,
        )
      }),
      { numRuns: 500 },
    )
  })

  it('does not open with a shortened tag', async () => {
    const row = await vault.seal(place, { apiKey: new Secret('') })
    const [name, keyId, nonce, body] = (row.fields['apiKey'] ?? '').split('.')
    for (let length = 4; length < 16; length++) {
      const tag = Buffer.from(body ?? '', 'base64url')
        .subarray(0, length)
        .toString('base64url')
      const altered = withField(row, 'apiKey', [name, keyId, nonce, tag].join('.'))
      await expect(vault.open(place, altered, 'apiKey')).rejects.toEqual(unreadable)
    }
  })

  it('does not open with another master key, and says which one it needs', async () => {
    const row = await vault.seal(place, { apiKey: new Secret('x') })
    const other = createVault(createLocalProvider([randomBytes(32)], 'the wrong file'))
    const failure = expect.objectContaining({
      code: 'master_key_missing',
      message: expect.stringContaining(vault.keyId),
    })
    await expect(other.open(place, row, 'apiKey')).rejects.toEqual(failure)
  })

  it('opens by an older master key, and is sealed anew by the active one', async () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)]
    const before = createVault(createLocalProvider([older], 'before'))
    const after = createVault(createLocalProvider([newer, older], 'after'))
    const row = await before.seal(place, { a: new Secret('kept'), b: new Secret('gone') })
    const next = { ...place, version: 2 }
    const changed = await after.reseal(place, row, next, { b: null, c: new Secret('new') })
    expect(after.keyIds(changed)).toEqual([after.keyId])
    expect(Object.keys(changed.fields).sort()).toEqual(['a', 'c'])
    expect((await after.open(next, changed, 'a')).reveal()).toBe('kept')
    await expect(after.open(place, changed, 'a')).rejects.toEqual(unreadable)
  })

  it('has no field that only its prototype has', async () => {
    const row = await vault.seal(place, {})
    for (const field of ['constructor', '__proto__', 'toString']) {
      await expect(vault.open(place, row, field)).rejects.toEqual(unreadable)
    }
  })
})
