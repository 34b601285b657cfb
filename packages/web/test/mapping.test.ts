import { type Column, mappingFault } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { formatMapping, parseMapping, suggestMapping } from '../src/sides/mapping.ts'

const column = (name: string, label = name): Column => ({ name, label, type: 'text' })

describe('suggestMapping', () => {
  it('pairs equal names before equal labels, each column and target once', () => {
    const columns = [column('title', 'Name'), column('name'), column('Web Site')]
    const targets = [column('name', 'Name'), column('title', 'Title'), column('web_site', 'URL')]
    expect(suggestMapping(columns, targets)).toEqual([
      { from: 'name', to: 'name' },
      { from: 'title', to: 'title' },
      { from: 'Web Site', to: 'web_site' },
    ])
  })

  it('sees through case, spaces and accents, and leaves out what has no match', () => {
    const columns = [column('Société'), column('unrelated')]
    const targets = [column('custom.cf_1', 'societe'), column('description', 'Description')]
    expect(suggestMapping(columns, targets)).toEqual([{ from: 'Société', to: 'custom.cf_1' }])
  })
})

describe('suggestMapping by what lists call a field', () => {
  it.each([
    ['Company', 'name'],
    ['Website', 'url'],
    ['Phone', 'phones'],
    ['E-Mail', 'emails'],
    ['Job title', 'title'],
    ['Notes', 'description'],
  ])('takes %s for %s', (from, to) => {
    expect(suggestMapping([column('other'), column(from)], [column(to, 'Some label')])).toEqual([
      { from, to },
    ])
  })

  it('prefers a column of the very name, and the likelier of two', () => {
    const targets = [column('name', 'Name')]
    expect(suggestMapping([column('Company'), column('Name')], targets)).toEqual([
      { from: 'Name', to: 'name' },
    ])
    expect(suggestMapping([column('Contact'), column('Company')], targets)).toEqual([
      { from: 'Company', to: 'name' },
    ])
  })
})

describe('parseMapping', () => {
  it('reads what formatMapping wrote', () => {
    const pairs = [{ from: 'a', to: 'b' }]
    expect(parseMapping(formatMapping(pairs))).toEqual(pairs)
  })

  it.each([undefined, '', 'no json', '{}', '[1,null,{"from":"a"}]', '[{"from":1,"to":"b"}]'])(
    'takes %s as an empty mapping',
    (text) => {
      expect(parseMapping(text)).toEqual([])
    },
  )
})

describe('mappingFault', () => {
  it('finds nothing wrong with complete pairs', () => {
    expect(mappingFault([{ from: 'a', to: 'b' }])).toBeNull()
  })

  it('refuses none, halves, and two columns into one field', () => {
    expect(mappingFault([])).toContain('at least one')
    expect(mappingFault([{ from: 'a', to: '' }])).toContain('every row')
    expect(
      mappingFault([
        { from: 'a', to: 'x' },
        { from: 'b', to: 'x' },
      ]),
    ).toContain('“x”')
  })
})
