import { type PassHour, passObject, passObjectNames, passPresets, passVerbs } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { draftOf, newDraft, type PassDraft, placeOf, readDraft, suggestedName } from '../src/passes/draft.ts'
import { fieldChoices, isFound, typedNames } from '../src/passes/fields.ts'
import { boxesOf, objectGroups, tickedOf, withBoxes } from '../src/passes/grid.ts'
import { chartBars, countWords, stripBars } from '../src/passes/hours.ts'
import { snippetsOf } from '../src/passes/snippets.ts'
import { untilFault, untilMs, untilWords } from '../src/passes/until.ts'
import { shareWords } from '../src/passes/words.ts'

const nowMs = new Date(2026, 10, 25, 15, 30).getTime() // a Wednesday
const day = (year: number, month: number, date: number) => new Date(year, month - 1, date, 23, 59, 59, 999)
const credentialId = `cred_${'0'.repeat(22)}`

describe('until when', () => {
  const until = (kind: PassDraft['until']['kind'], more = {}) => ({ kind, date: '', why: '', ...more })

  it('is the end of the coming Friday, on a Friday of the next one', () => {
    expect(untilMs(until('friday'), nowMs)).toBe(day(2026, 11, 27).getTime())
    expect(untilMs(until('friday'), new Date(2026, 10, 27, 8).getTime())).toBe(day(2026, 12, 4).getTime())
    expect(untilMs(until('friday'), new Date(2026, 10, 28, 8).getTime())).toBe(day(2026, 12, 4).getTime())
  })

  it('is the end of a chosen day, which has to come', () => {
    expect(untilMs(until('date', { date: '2026-12-24' }), nowMs)).toBe(day(2026, 12, 24).getTime())
    expect(untilFault(until('date', { date: '2026-12-24' }), nowMs)).toBe(null)
    expect(untilFault(until('date', { date: '2026-11-24' }), nowMs)).toContain('over')
    expect(untilFault(until('date'), nowMs)).toContain('Choose')
  })

  it('is never only with a reason', () => {
    expect(untilMs(until('never'), nowMs)).toBe(null)
    expect(untilFault(until('never', { why: '  ' }), nowMs)).toContain('Say why')
    expect(untilFault(until('never', { why: 'The nightly copy' }), nowMs)).toBe(null)
    expect(untilWords(until('never'), null, nowMs)).toBe('It never expires.')
  })
})

describe('the form of a pass', () => {
  const draft: PassDraft = { ...newDraft, credentialId, rules: { objects: { lead: ['read'] } } }

  it('sends what was chosen, under the suggested name until somebody types another', () => {
    const typed = { ...draft, perSecond: '2,5', perDay: '1000', addresses: ['10.0.0.0/8'] }
    expect(readDraft(typed, 'Leads', nowMs).body).toMatchObject({
      name: 'Leads',
      rules: { objects: { lead: ['read'] } },
      expiresAt: new Date(nowMs + 30 * 86_400_000).toISOString(),
      perSecond: 2.5,
      perDay: 1000,
      addresses: ['10.0.0.0/8'],
    })
    expect(readDraft({ ...draft, name: 'Mine' }, 'Leads', nowMs).body?.name).toBe('Mine')
  })

  it('sends the smart view that was chosen, and says at its place what the server refuses of it', () => {
    const rules = {
      objects: { lead: ['read'] },
      smartView: { id: 'save_1', name: 'A', newLeads: false },
    } as const
    expect(readDraft({ ...draft, rules }, 'Leads', nowMs).body?.rules).toEqual(rules)
    expect(placeOf('rules.smartView')).toBe('smartView')
  })

  it('says at its place what is wrong', () => {
    const faultsOf = (change: Partial<PassDraft>) => readDraft({ ...draft, ...change }, 'Leads', nowMs).faults
    expect(Object.keys(readDraft(newDraft, '', nowMs).faults).sort()).toEqual([
      'credentialId',
      'name',
      'objects',
    ])
    expect(faultsOf({ perSecond: 'fast' })).toHaveProperty('perSecond')
    expect(faultsOf({ perDay: '1.5' })).toHaveProperty('perDay')
    expect(faultsOf({ name: ' ' })).toEqual({ name: 'Name is required.' })
    expect(faultsOf({ paths: 'GET /lead/{id}/' })).toEqual({})
    expect(faultsOf({ paths: 'LOOK /lead/' })).toHaveProperty('paths')
    expect(faultsOf({ paths: 'GET lead' })).toHaveProperty('paths')
    const fields = { lead: { read: ['not a field'] } }
    expect(faultsOf({ rules: { ...draft.rules, fields } })).toHaveProperty('fields')
    expect(['rules.fields.lead', 'addresses.0', 'neverBecause', 'rules.objects'].map(placeOf)).toEqual([
      'fields',
      'addresses',
      'until',
      'objects',
    ])
  })

  it('leaves out limits of fields of objects that it may not touch, and limits that say nothing', () => {
    const fields = { lead: { read: ['name'] }, task: { read: ['text'] } }
    const rules = { ...draft.rules, fields }
    expect(readDraft({ ...draft, rules }, 'Leads', nowMs).body?.rules.fields).toEqual({
      lead: { read: ['name'] },
    })
    const idle = { ...draft.rules, fields: { lead: { read: null } } }
    expect(readDraft({ ...draft, rules: idle }, 'Leads', nowMs).body?.rules.fields).toEqual({})
  })

  it('begins a change with the pass as it is', () => {
    const { body, faults } = readDraft(draftOf(pass), 'unused', nowMs)
    expect(faults).toEqual({})
    expect(body).toMatchObject({ name: pass.name, rules: pass.rules, perSecond: 5, addresses: [] })
    expect(body).not.toHaveProperty('expiresAt')
    expect(draftOf({ ...pass, expiresAt: null, neverBecause: 'Nightly' }).until).toEqual({
      kind: 'never',
      date: '',
      why: 'Nightly',
    })
  })

  it('suggests a name after what was chosen', () => {
    expect(suggestedName(passPresets.read.grants, 'Sales team')).toBe('Read-only, Sales team')
    expect(suggestedName({ lead: ['read'], opportunity: ['read'] }, null)).toBe('Leads and opportunities')
    expect(suggestedName({ lead: ['read'], sms: ['read'], task: ['read'] }, null)).toBe('Leads and 2 more')
    expect(suggestedName({ lead: ['read'], sms: ['read'] }, null)).toBe('Leads and SMS')
    expect(suggestedName({}, 'Sales team')).toBe('')
  })
})

describe('the boxes of objects and verbs', () => {
  it('has each object in one group, and no box that Close has no endpoint for', () => {
    const grouped = objectGroups.flatMap(({ objects }) => objects)
    expect(grouped.toSorted()).toEqual(passObjectNames.toSorted())
    for (const { name, verb } of boxesOf(passObjectNames)) expect(passObject(name).verbs).toContain(verb)
  })

  it('ticks a whole row or column, and leaves the rest', () => {
    const row = withBoxes({ task: ['read'] }, boxesOf(['lead']), true)
    expect(row).toEqual({ task: ['read'], lead: ['read', 'create', 'change', 'delete'] })
    expect(withBoxes(row, boxesOf(['lead']), false)).toEqual({ task: ['read'] })
    const read = boxesOf(passObjectNames, ['read'])
    expect(withBoxes({}, read, true)).toEqual(passPresets.read.grants)
    expect([{}, row, passPresets.read.grants].map((given) => tickedOf(given, read))).toEqual([
      'none',
      'some',
      'all',
    ])
    expect(withBoxes({}, boxesOf(passObjectNames, passVerbs), true)).toEqual(passPresets.everything.grants)
  })
})

describe('calls over time', () => {
  const hour = (at: Date, calls: number, denied = 0, failed = 0): PassHour => ({
    ...{ at: at.toISOString(), calls, denied, failed },
  })

  it('has a bar for each hour of whole days, quiet ones too, and marks denials', () => {
    const hours = [
      hour(new Date(2026, 10, 19, 0), 4),
      hour(new Date(2026, 10, 25, 14), 1, 1),
      hour(new Date(2026, 10, 25, 15), 2, 0, 1),
    ]
    const bars = chartBars(hours, { nowMs, days: 7, hoursPerBar: 1 })
    expect(bars).toHaveLength(168)
    expect(bars[0]).toMatchObject({ tone: 'active', height: 1 })
    expect(bars[1]).toMatchObject({ tone: 'neutral', height: 0, mark: '' })
    expect(bars[144 + 14]).toMatchObject({ tone: 'bad', mark: '×', height: 0.5 })
    expect(bars[144 + 15]).toMatchObject({ tone: 'warning', mark: '!' })
    expect(chartBars(hours, { nowMs, days: 7, hoursPerBar: 4 })).toHaveLength(42)
    expect(stripBars(hours).map(({ mark }) => mark)).toEqual(['', '×', '!'])
  })

  it('is counted in words', () => {
    expect(countWords({ calls: 0, denied: 0, failed: 0 })).toBe('no calls')
    expect(countWords({ calls: 1, denied: 0, failed: 0 })).toBe('1 call')
    expect(countWords({ calls: 1200, denied: 2, failed: 1 })).toBe('1,200 calls, 2 denied, 1 failed')
    expect(shareWords({ perSecond: 5, perDay: 1000 })).toBe('At most 5 requests a second, 1,000 a day')
    expect(shareWords({ perSecond: null, perDay: 10 })).toBe('At most 10 requests a day')
  })
})

describe('what is copied to use a pass', () => {
  it('asks the gateway for something that the pass may read', () => {
    const snippets = snippetsOf('https://latch.example', 'lwp_of-a-pass', { objects: { task: ['read'] } })
    for (const { id, code } of snippets) {
      expect(code).toContain('lwp_of-a-pass')
      // Agents are told by the server what they may ask for.
      const isForAgents = id === 'claude' || id === 'mcp'
      expect(code).toContain(`https://latch.example/${isForAgents ? 'mcp' : 'close'}`)
      if (!isForAgents) expect(code).toMatch(/\btask\b/)
    }
    const { code = '' } = snippets.find(({ id }) => id === 'mcp') ?? {}
    expect(JSON.parse(code)).toHaveProperty('mcpServers.close.type', 'http')
  })
})

const pass = {
  id: `pass_${'0'.repeat(22)}`,
  name: 'For the contractor',
  purpose: '',
  owner: { id: 'user_1', name: 'Orla' },
  yourRole: 'owner',
  credential: { id: credentialId, name: 'Sales team', organization: 'Acme' },
  rules: { objects: { lead: ['read'] }, paths: [{ method: 'GET', path: '/me/' }] },
  ...{ may: '', mayNot: '', status: 'active', reason: null },
  expiresAt: '2026-12-01T00:00:00.000Z',
  neverBecause: null,
  ...{ perSecond: 5, perDay: null, addresses: [], confirmWrites: false, suffix: 'abcd', oldTokenUntil: null },
  waitingWrites: 0,
  ...{ createdAt: '', updatedAt: '', lastUsedAt: null, hours: [] },
} satisfies Parameters<typeof draftOf>[0]

describe('the fields of an object', () => {
  const known = [
    { name: 'name', label: 'Name' },
    { name: 'custom.cf_1', label: 'Number of seats' },
  ]
  const of = (...given: Parameters<typeof fieldChoices>) =>
    fieldChoices(...given).map(({ value, label }) => `${value}=${label}`)

  it('are offered by their labels, with all custom ones as one', () => {
    expect(of(known, ['name'], '')).toEqual([
      'custom=All custom fields',
      'name=Name',
      'custom.cf_1=Number of seats',
    ])
  })

  it('that the account no longer has stay, and say so', () => {
    const choices = fieldChoices(known, ['custom.cf_gone', 'source'], '')
    expect(choices.find(({ value }) => value === 'custom.cf_gone')?.second).toBe(
      'Close no longer has this field',
    )
    expect(choices.find(({ value }) => value === 'source')?.second).toBe('Not among the documented fields')
    expect(
      fieldChoices(null, ['custom.cf_gone'], '').find(({ value }) => value === 'custom.cf_gone'),
    ).toEqual({ value: 'custom.cf_gone', label: 'custom.cf_gone', second: '' })
  })

  it('are added by their names, several at once, also where nobody knows them', () => {
    expect(of(null, [], 'status_id, url')).toEqual([
      'custom=All custom fields',
      'status_id url=Add status_id, url',
    ])
    expect(of(known, ['url'], 'name, url')).not.toContainEqual(expect.stringContaining('Add'))
    expect(typedNames('custom.cf_2')).toEqual(['custom.cf_2'])
    for (const text of ['', '2x', 'a b-c', 'x'.repeat(101)]) expect(typedNames(text), text).toEqual([])
  })

  it('are found by label and by name', () => {
    const [, , seats] = fieldChoices(known, [], '')
    if (seats === undefined) throw new Error('no field')
    expect([' SEATS', 'cf_1', 'name'].map((typed) => isFound(seats, typed))).toEqual([true, true, false])
  })
})
