import type { FieldDefinition } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { faultSentence, fieldFault, isFieldVisible } from '../src/ui/field-rules.ts'

const field = (changes: Partial<FieldDefinition> = {}): FieldDefinition => ({
  name: 'apiKey',
  label: 'API Key',
  kind: 'secret',
  required: true,
  ...changes,
})

describe('fieldFault', () => {
  it('wants a required field filled in, white space apart', () => {
    expect(fieldFault(field(), '')).toBe('is required')
    expect(fieldFault(field(), ' \t')).toBe('is required')
    expect(fieldFault(field({ required: false }), '')).toBeNull()
  })

  it.each(['api key', 'api\nkey', 'api\u200bkey', 'api\u00a0key'])('refuses %j inside a key', (value) => {
    expect(fieldFault(field({ noInnerSpace: true }), value)).toMatch(/^has a space or a line break inside/)
  })

  it.each([' key ', '\nkey\n', '\ufeffkey', 'key\u200b'])(
    'takes %j, which is trimmed around a key',
    (value) => {
      expect(fieldFault(field({ noInnerSpace: true }), value)).toBeNull()
    },
  )

  it('lets a password have spaces', () => {
    expect(fieldFault(field(), 'correct horse')).toBeNull()
  })

  it('refuses control characters, and line breaks but in text of several lines', () => {
    expect(fieldFault(field(), 'a\u0007b')).toMatch(/control characters/)
    expect(fieldFault(field({ kind: 'text' }), 'a\nb')).toMatch(/control characters/)
    expect(fieldFault(field({ kind: 'textarea' }), 'a\nb')).toBeNull()
  })

  it('refuses what is longer than any value may be', () => {
    expect(fieldFault(field(), 'x'.repeat(8192))).toBeNull()
    expect(fieldFault(field(), 'x'.repeat(8193))).toMatch(/at most 8192 characters/)
  })

  it('wants whole numbers and known choices', () => {
    expect(fieldFault(field({ kind: 'number' }), '54.2')).toBe('must be a whole number')
    expect(fieldFault(field({ kind: 'number' }), '5432')).toBeNull()
    const options = [{ value: 'require', label: 'Encrypted' }]
    expect(fieldFault(field({ kind: 'select', options }), 'none')).toBe('must be one of the choices')
    expect(fieldFault(field({ kind: 'select', options }), 'require')).toBeNull()
  })
})

describe('faultSentence', () => {
  it('begins with the label unless the fault is a sentence already', () => {
    expect(faultSentence('API Key', 'is required')).toBe('API Key is required.')
    expect(faultSentence('API Key', 'Close refuses it.')).toBe('Close refuses it.')
  })
})

describe('isFieldVisible', () => {
  it('follows the value of the other field', () => {
    const certificate = field({ visibleWhen: { field: 'tls', values: ['verify-full'] } })
    expect(isFieldVisible(certificate, { tls: 'verify-full' })).toBe(true)
    expect(isFieldVisible(certificate, { tls: 'disable' })).toBe(false)
    expect(isFieldVisible(certificate, {})).toBe(false)
  })
})
