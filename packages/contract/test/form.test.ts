import { describe, expect, it } from 'vitest'
import {
  applicable,
  type FieldDefinition,
  fieldValue,
  filledIn,
  isVisible,
  mappingFault,
  readFields,
  readMapping,
  whyCleared,
} from '../src/index.ts'

const field = (changes: Partial<FieldDefinition> = {}): FieldDefinition => ({
  name: 'value',
  label: 'Value',
  kind: 'text',
  required: true,
  ...changes,
})
const key = field({ kind: 'secret', noInnerSpace: true, label: 'API Key' })
const password = field({ kind: 'secret', label: 'Password' })
const port = field({ kind: 'number', min: 1, max: 65_535, label: 'Port' })
const tls = field({
  name: 'tls',
  label: 'Encryption',
  kind: 'select',
  defaultValue: 'verify-full',
  options: ['verify-full', 'disable'].map((value) => ({ value, label: value })),
})
const certificate = field({
  name: 'certificate',
  label: 'Certificate',
  kind: 'textarea',
  required: false,
  visibleWhen: { field: 'tls', values: ['verify-full'] },
})
const database = [tls, certificate]

const read = (one: FieldDefinition, value: string) => readFields([one], { [one.name]: value })
const ruleOf = (one: FieldDefinition, value: string) => read(one, value).faults[0]?.rule ?? null
const sentenceOf = (one: FieldDefinition, value: string) => read(one, value).faults[0]?.message ?? null

describe('a value', () => {
  it('is required where the field is, white space apart, unless there is a default', () => {
    expect(sentenceOf(key, '')).toBe('API Key is required.')
    expect(sentenceOf(password, ' \t')).toBe('Password is required.')
    expect(ruleOf(field({ required: false }), ' ')).toBeNull()
    expect(read(tls, ' ').values).toEqual({ tls: 'verify-full' })
    expect(readFields([key], {}, { optional: () => true })).toEqual({ values: {}, faults: [] })
  })

  it.each(['api key', 'api\nkey', 'api\u200bkey', 'api\u00a0key'])('that is a key may not be %j', (value) => {
    expect(sentenceOf(key, value)).toBe(
      'API Key has a space or a line break inside. Copy it again, in one piece.',
    )
  })

  it.each([' key ', '\nkey\n', '\ufeffkey', 'key\u200b'])('is trimmed around a key: %j', (value) => {
    expect(read(key, value)).toEqual({ values: { value: 'key' }, faults: [] })
  })

  it('is trimmed, but for a password, which may begin with a space', () => {
    expect(read(field(), ' a b ').values).toEqual({ value: 'a b' })
    expect(read(password, ' correct horse ').values).toEqual({ value: ' correct horse ' })
  })

  it('has no control characters, and lines only in text of several', () => {
    expect(sentenceOf(password, 'a\u0007b')).toBe('Password may not contain control characters.')
    expect(ruleOf(field(), 'a\nb')).toBe('text')
    expect(ruleOf(field(), 'a\ud800b')).toBe('text')
    expect(ruleOf(field({ kind: 'textarea' }), 'a\nb')).toBeNull()
  })

  it('may not turn the direction of text where it is shown', () => {
    expect(ruleOf(field(), 'a\u202eb')).toBe('text')
    expect(ruleOf(password, 'a\u202eb')).toBeNull()
  })

  it('is as long as its field allows, counted in characters', () => {
    expect(ruleOf(key, '🙂'.repeat(8192))).toBeNull()
    expect(sentenceOf(key, 'x'.repeat(8193))).toBe('API Key may have at most 8192 characters.')
    const lines = field({ kind: 'textarea' })
    expect(ruleOf(lines, 'x\n'.repeat(10_000))).toBeNull()
    expect(sentenceOf(lines, 'x'.repeat(20_001))).toBe('Value may have at most 20000 characters.')
  })

  it.each(['1', ' 5432 ', '65535', '007'])('is a number: %j', (value) => {
    expect(read(port, value)).toEqual({ values: { value: value.trim() }, faults: [] })
  })

  it.each(['0', '65536', '1e3', '+5', '-5', '-0', '0x10', '5.0', '٥', '5 4', '9'.repeat(20), 'Infinity'])(
    'is no number of this field: %j',
    (value) => {
      expect(sentenceOf(port, value)).toBe('Port must be a whole number from 1 to 65535.')
    },
  )

  it('is one of the choices, or some of them, each once', () => {
    expect(sentenceOf(tls, 'VERIFY-FULL')).toBe('Encryption must be one of verify-full, disable.')
    const several = field({ kind: 'multiselect', options: tls.options, label: 'Kinds' })
    expect(read(several, ' disable, verify-full disable').values).toEqual({ value: 'disable,verify-full' })
    expect(sentenceOf(several, 'disable,none')).toBe(
      'Kinds must be some of verify-full, disable, with commas between them.',
    )
  })

  it('is a list of complete pairs in a mapping, each field once', () => {
    const mapping = field({ kind: 'mapping' })
    expect(sentenceOf(mapping, '')).toBe('Map at least one column to a field.')
    expect(sentenceOf(mapping, 'x')).toBe('Value must be a list of pairs with "from" and "to".')
    expect(ruleOf(mapping, '[{"from":"a","to":"b"}]')).toBeNull()
    expect(mappingFault(readMapping('[{"from":"a","to":"b"},{"from":"c","to":"b"}]'))).toContain('“b”')
  })

  it('of a name that there is not is not repeated', () => {
    const { faults } = readFields([port], { value: '1', '<b>': 'x', other: 'y' })
    expect(faults.map(({ message }) => message)).toEqual([
      'There is no field of this name: an unnamed one.',
      'There is no field of this name: "other".',
    ])
  })
})

describe('a field that another decides about', () => {
  it('applies by the value of that one, or by its default', () => {
    expect(isVisible(certificate, database, {})).toBe(true)
    expect(isVisible(certificate, database, { tls: ' verify-full ' })).toBe(true)
    expect(isVisible(certificate, database, { tls: 'disable' })).toBe(false)
    expect(fieldValue(database, {}, 'tls')).toBe('verify-full')
  })

  it('does not apply where that one does not, nor in a circle', () => {
    const third = field({ name: 'third', visibleWhen: { field: 'certificate', values: ['yes'] } })
    const given = { tls: 'disable', certificate: 'yes' }
    expect(isVisible(third, [...database, third], given)).toBe(false)
    const [one, two] = [
      field({ name: 'one', visibleWhen: { field: 'two', values: [''] } }),
      field({ name: 'two', visibleWhen: { field: 'one', values: [''] } }),
    ]
    expect(isVisible(one, [one, two], {})).toBe(false)
  })

  it('takes no value while it does not apply: that is said, and never dropped', () => {
    expect(readFields(database, { tls: 'disable', certificate: 'PEM' }).faults).toEqual([
      {
        field: 'certificate',
        rule: 'not_applicable',
        message: 'Certificate applies only where Encryption is verify-full. Leave it out.',
      },
    ])
    expect(readFields(database, { certificate: 'PEM' }, { stored: { tls: 'disable' } }).faults).toHaveLength(
      1,
    )
    expect(readFields(database, { certificate: 'PEM' }).values).toEqual({
      tls: 'verify-full',
      certificate: 'PEM',
    })
    expect(readFields(database, { tls: 'disable', certificate: ' ' }).faults).toEqual([])
  })

  it('is neither sent by a form that hides it nor kept by a change', () => {
    const typed = { tls: 'disable', certificate: 'PEM', other: 'x' }
    expect(filledIn(database, typed)).toEqual({ tls: 'disable' })
    expect(applicable(database, typed)).toEqual({ tls: 'disable', other: 'x' })
    expect(whyCleared(database, { certificate: 'PEM' }, { tls: 'disable' })).toEqual([
      'Certificate applies only where Encryption is verify-full: what is stored for it is removed.',
    ])
    expect(whyCleared(database, { tls: 'disable' }, { tls: 'disable' })).toEqual([])
  })
})

describe('what only the connector knows', () => {
  it('is asked of a form without other faults, by its values', () => {
    const own = (values: Readonly<Record<string, string>>) => ({ value: `can't be ${values['value']}` })
    expect(readFields([port], { value: ' 1 ' }, { own }).faults).toEqual([
      { field: 'value', rule: 'form', message: "Port can't be 1." },
    ])
    expect(readFields([port], { value: 'x' }, { own }).faults.map(({ rule }) => rule)).toEqual(['number'])
  })
})
