import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyIdOf, openField, sealField } from '../src/sealing.ts'

const place = { table: 't', rowId: 'r', field: 'f', version: 1 }
const unreadable = expect.objectContaining({ code: 'secret_unreadable' })
const sealed = (changes: Partial<Record<'name' | 'keyId' | 'nonce' | 'body' | 'rest', string>> = {}) => {
  const parts = { name: 'lw1', keyId: 'k', nonce: text(12), body: text(16), rest: '', ...changes }
  return [parts.name, parts.keyId, parts.nonce, parts.body].join('.') + parts.rest
}
const text = (length: number) => Buffer.alloc(length, 250).toString('base64url')

describe('#36 a sealed value', () => {
  it('names its master key, whoever wrapped it', () => {
    const key = randomBytes(32)
    expect(keyIdOf(sealField(key, '0123456789abcdef', place, 'x'))).toBe('0123456789abcdef')
    expect(keyIdOf(sealed())).toBe('k')
    expect(keyIdOf('lwk.0123456789abcdef.Zm9v-_')).toBe('0123456789abcdef')
  })

  it.each([
    ['nothing', ''],
    ['another format', sealed({ name: 'lw2' })],
    ['no key id', sealed({ keyId: '' })],
    ['no nonce', 'lw1.k'],
    ['no body', `lw1.k.${text(12)}`],
    ['a part too many', sealed({ rest: '.x' })],
    ['a short nonce', sealed({ nonce: text(11) })],
    ['a long nonce', sealed({ nonce: text(13) })],
    ['less than a tag', sealed({ body: text(15) })],
    ['characters that Node skips in the nonce', sealed({ nonce: `${text(12)}*` })],
    ['characters that Node skips in the body', sealed({ body: `${text(16)}=` })],
    ['a service that has no such id', 'lwk.0123456789abcde.Zm9v'],
    ['a service that has a longer id', 'lwk.0123456789abcdef0.Zm9v'],
    ['something before it', 'xlwk.0123456789abcdef.Zm9v'],
    ['something after it', 'lwk.0123456789abcdef.Zm9v!'],
    ['no ciphertext', 'lwk.0123456789abcdef.'],
  ])('with %s is not one', (_, value) => {
    expect(() => keyIdOf(value)).toThrow(unreadable)
    expect(() => openField(randomBytes(32), place, value)).toThrow(unreadable)
  })
})

describe('#33 #35 a sealed field', () => {
  const anyPlace = fc.record({
    table: fc.string(),
    rowId: fc.string(),
    field: fc.string(),
    version: fc.nat(),
  })

  it('opens in its own place only, with its own key only, whatever it holds', () => {
    const key = randomBytes(32)
    fc.assert(
      fc.property(anyPlace, anyPlace, fc.string({ unit: 'grapheme' }), (one, other, plaintext) => {
        const value = sealField(key, 'k', one, plaintext)
        expect(openField(key, one, value)).toBe(plaintext.toWellFormed())
        expect(() => openField(randomBytes(32), one, value)).toThrow(unreadable)
        // Each part counts by itself: two rows swapped differ in nothing but their ids.
        for (const part of ['table', 'rowId', 'field', 'version'] as const) {
          if (one[part] === other[part]) continue
          expect(() => openField(key, { ...one, [part]: other[part] }, value)).toThrow(unreadable)
        }
      }),
    )
  })

  it('has a nonce of 96 bits and a tag of 128, and never the same twice', () => {
    const key = randomBytes(32)
    const [one = [], other = []] = [1, 2].map(() => sealField(key, 'k', place, 'x').split('.'))
    expect(Buffer.from(one[2] ?? '', 'base64url')).toHaveLength(12)
    expect(Buffer.from(one[3] ?? '', 'base64url')).toHaveLength(1 + 16)
    expect(one[2]).not.toBe(other[2])
    expect(one[3]).not.toBe(other[3])
  })
})
