import type { FieldDefinition } from '@latchwork/contract'
import fc from 'fast-check'

/** Values that people and programs put into a field of any kind. */
const strange = [
  [
    '',
    ' ',
    '\t\n',
    '1e3',
    ' 5 ',
    '+5',
    '0x10',
    '٥',
    '5.0',
    '-0',
    '-5',
    '007',
    '65535',
    '65536',
    '9'.repeat(20),
  ],
  ['a\nb', 'a\u0007b', 'a\u200bb', '\ufeffkey', '\u202eabc', 'a\ud800b', 'two words', '__proto__'],
  [
    'x'.repeat(8192),
    'x'.repeat(8193),
    '🙂'.repeat(8192),
    '🙂'.repeat(8193),
    'x\n'.repeat(10_000),
    'x'.repeat(20_001),
  ],
  [
    'true',
    'false',
    'TRUE',
    'a, b',
    'b,b',
    ' verify-full ',
    '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----',
  ],
  [
    '[]',
    '{}',
    '[{"from":"a","to":"name"}]',
    '[{"from":"","to":"b"}]',
    '[{"from":"a","to":"b"},{"from":"c","to":"b"}]',
  ],
].flat()

const kinds = ['text', 'secret', 'number', 'select', 'multiselect', 'textarea', 'file', 'mapping'] as const
const choices = ['a', 'b', 'c']
const names = ['one', 'two', 'three', 'four', 'five']
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

const inventedField = (name: string): fc.Arbitrary<FieldDefinition> =>
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      required: fc.boolean(),
      defaultValue: maybe(fc.constantFrom(...choices, '5', '')),
      options: maybe(
        fc.subarray(choices).map((each) => each.map((value) => ({ value, label: value.toUpperCase() }))),
      ),
      // Names another field, itself, a circle, or a missing field.
      visibleWhen: maybe(
        fc.record({
          field: fc.constantFrom(...names, 'none'),
          values: fc.subarray([...choices, '5', 'true', '']),
        }),
      ),
      noInnerSpace: maybe(fc.boolean()),
      max: maybe(fc.nat(100_000)),
    })
    .map((parts) => {
      const given = Object.entries(parts).filter(([, value]) => value !== undefined)
      return { ...Object.fromEntries(given), name, label: `The ${name}` } as FieldDefinition
    })

/** Definitions that no connector has. */
export const inventedFields: fc.Arbitrary<FieldDefinition[]> = fc
  .subarray(names, { minLength: 1 })
  .chain((chosen) => fc.tuple(...chosen.map(inventedField)))

/** Values for some of the fields: offered ones, strange ones, any text. */
export function anyValues(fields: readonly FieldDefinition[]): fc.Arbitrary<Record<string, string>> {
  const values = fields.map(({ options = [], visibleWhen, defaultValue }) =>
    maybe(
      fc.oneof(
        fc.constantFrom(
          defaultValue ?? 'plain',
          ...options.map(({ value }) => value),
          ...(visibleWhen?.values ?? []),
        ),
        fc.constantFrom(...choices, 'plain', 'db.example', '5432'),
        fc.constantFrom(...strange),
        fc.string({ unit: 'binary', maxLength: 12 }),
      ),
    ),
  )
  return fc.tuple(...values).map((drawn) => {
    const given = fields.flatMap(({ name }, index): [string, string][] => {
      const value = drawn[index]
      return value === undefined ? [] : [[name, value]]
    })
    return Object.fromEntries(given)
  })
}
