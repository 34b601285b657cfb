import { expect, it } from 'vitest'
import { labelledParts, namesCustomFields } from '../src/field-labels.ts'

const labels = new Map([['custom.cf_a1', 'Number of seats']])

it('a text has labels in place of the ids of custom fields, and all else as it was', () => {
  const text = 'Of leads only name, custom.cf_a1 and custom.cf_b2 can be read.'
  expect(labelledParts(text, labels)).toEqual([
    { text: 'Of leads only name, ', field: null },
    { text: 'Number of seats', field: 'custom.cf_a1' },
    { text: ' and custom.cf_b2 can be read.', field: null },
  ])
  expect(labelledParts('', labels)).toEqual([])
  expect(labelledParts('xcustom.cf_a1', labels)).toEqual([{ text: 'xcustom.cf_a1', field: null }])
  expect([text, 'custom', 'custom.cf_'].map(namesCustomFields)).toEqual([true, false, false])
})
