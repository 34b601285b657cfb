import { type ConnectorDefinition, type FieldDefinition, freeName } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { accountName } from '../src/credentials/suggested-name.ts'
import { configToSend } from '../src/sides/config.ts'
import {
  type Draft,
  draftFrom,
  emptyDraft,
  isDirty,
  newSide,
  parseDraft,
  templateOf,
  withoutSecrets,
} from '../src/wizard/draft.ts'
import { suggestSideName } from '../src/wizard/names.ts'
import { missingIn, placesOf, reachable } from '../src/wizard/path.ts'
import { subjectOf, suggestedConfig } from '../src/wizard/suggestions.ts'

const field = (name: string, more: Partial<FieldDefinition> = {}): FieldDefinition => ({
  name,
  label: name,
  kind: 'text',
  required: false,
  ...more,
})
const abilities = { follows: [], streams: '', deletions: '', evolution: '', repeat: '' }
const connector = (id: string, methods: boolean, fields: FieldDefinition[]): ConnectorDefinition => ({
  id,
  label: id,
  description: '',
  icon: id,
  cures: {},
  accountWord: 'account',
  methods: methods
    ? [
        {
          id: 'key',
          label: 'Key',
          summary: '',
          bestFor: '',
          flow: 'direct',
          fields: [],
          guide: { title: '', steps: [], warnings: [], links: [] },
        },
      ]
    : [],
  source: {
    defaultTemplate: 't',
    templates: [{ id: 't', label: 'Leads', description: '', icon: 'x', config: { object: 'leads' } }],
    fields,
  },
  destination: { templates: [], fields, writes: 'records', repeat: null, abilities },
})
const crm = connector('crm', true, [
  field('object', { defaultValue: 'all' }),
  field('token', { kind: 'secret' }),
])
const folder = connector('folder', false, [
  field('file', { required: true }),
  field('format'),
  field('delimiter', { visibleWhen: { field: 'format', values: ['csv'] }, required: true }),
])
const connectors = [crm, folder]
const parts = ['source', 'destination', 'flow'] as const
const draftOf = (source: Partial<Draft['source']>): Draft => ({
  ...emptyDraft,
  source: { ...emptyDraft.source, ...source },
})

describe('the way through the wizard', () => {
  it('leaves Authenticate out where the connector needs no credential', () => {
    const steps = (draft: Draft) => placesOf(draft, ['source'], connectors).map((place) => place.step)
    expect(steps(draftOf({ connector: 'crm' }))).toEqual(['select', 'authenticate', 'configure'])
    expect(steps(draftOf({ connector: 'folder' }))).toEqual(['select', 'configure'])
    expect(steps(draftOf({ connector: 'crm', existingId: 'src_1' }))).toEqual(['select'])
  })

  it('stops at the first place where something is missing, whatever the address says', () => {
    const draft = draftOf({ connector: 'crm' })
    const places = placesOf(draft, parts, connectors)
    const side = { part: 'flow', step: 'configure' } as const
    expect(reachable(side, places, draft, connectors)).toEqual({ part: 'source', step: 'authenticate' })
    const chosen = draftOf({ connector: 'crm', credentialId: 'cred_1' })
    expect(reachable(side, placesOf(chosen, parts, connectors), chosen, connectors)).toEqual({
      part: 'destination',
      step: 'select',
    })
  })

  it('names the required field that is empty, and not one that is hidden', () => {
    const place = { part: 'source', step: 'configure' } as const
    expect(missingIn(place, draftOf({ connector: 'folder' }), connectors)).toBe('file is required.')
    const filled = draftOf({ connector: 'folder', config: { file: 'a.jsonl' } })
    expect(missingIn(place, filled, connectors)).toBeNull()
    const csv = draftOf({ connector: 'folder', config: { file: 'a.csv', format: 'csv' } })
    expect(missingIn(place, csv, connectors)).toBe('delimiter is required.')
  })

  it('sends only fields that are drawn and filled', () => {
    const fields = folder.source?.fields ?? []
    expect(configToSend(fields, { file: 'a', delimiter: ';', other: 'x' })).toEqual({ file: 'a' })
  })
})

describe('the draft', () => {
  it('starts with the defaults and the first template, and no credential', () => {
    expect(newSide(crm, 'source')).toMatchObject({ templateId: 't', config: { object: 'leads' } })
    expect(newSide(crm, 'source')).toMatchObject({ connector: 'crm', credentialId: null, existingId: null })
  })

  it('starts with both sides of a starting point, and with nothing where a connector is not there', () => {
    const point = {
      id: 'p',
      title: '',
      description: '',
      source: { connector: 'crm', template: 't' },
      destination: { connector: 'folder', template: 'none' },
    }
    expect(draftFrom(point, connectors)).toMatchObject({
      source: { connector: 'crm', templateId: 't', config: { object: 'leads' } },
      destination: { connector: 'folder', templateId: null, config: {} },
    })
    expect(draftFrom(point, [crm])).toEqual(emptyDraft)
  })

  it('has the template that its values are of, and none where they are of none', () => {
    const templates = ['leads', 'users'].map((object) => ({
      id: `all-${object}`,
      label: object,
      description: '',
      icon: 'x',
      config: { object },
    }))
    expect(templateOf({ templates }, { object: 'users', fields: 'a' }, 'all-leads')).toBe('all-users')
    expect(templateOf({ templates }, { object: 'playbooks' }, 'all-leads')).toBeNull()
    const alike = [...templates, { id: 'again', label: '', description: '', icon: '', config: {} }]
    expect(templateOf({ templates: alike }, { object: 'leads' }, 'again')).toBe('again')
  })

  it('is stored without secret or unknown fields and read back', () => {
    const draft = draftOf({ connector: 'crm', config: { object: 'leads', token: 'canary', stray: 'canary' } })
    const stored = JSON.stringify(withoutSecrets(draft, connectors))
    expect(stored).not.toContain('canary')
    expect(parseDraft(stored).source.config).toEqual({ object: 'leads' })
  })

  it.each([null, '', '[]', '{"source":1}', '{"source":{"config":{"a":1}}}'])('takes %s as empty', (text) => {
    expect(isDirty(parseDraft(text))).toBe(false)
  })
})

describe('names', () => {
  it('says what is read and through which credential', () => {
    const side = { ...emptyDraft.source, connector: 'crm', templateId: 't' }
    expect(suggestSideName('source', side, crm, 'Sales')).toBe('Leads from Sales')
    const file = { ...emptyDraft.source, connector: 'folder', config: { file: 'partners.csv' } }
    expect(suggestSideName('source', file, folder, null)).toBe('partners.csv')
    const options = [{ value: 'playbooks', label: 'Playbooks' }]
    const shop = connector('shop', true, [field('object', { kind: 'select', required: true, options })])
    const other = { ...emptyDraft.source, connector: 'shop', config: { object: 'playbooks' } }
    expect(suggestSideName('source', other, shop, 'Sales')).toBe('Playbooks from Sales')
  })

  it('numbers a name that is taken, and stays within 200 characters', () => {
    expect(freeName('Leads', ['leads', 'Leads 2'])).toBe('Leads 3')
    const long = 'x'.repeat(200)
    expect(freeName(long, [long])).toBe(`${'x'.repeat(198)} 2`)
  })

  it.each([
    ['Acme Inc.', 'Olga', 'ops@acme.example', 'Acme Inc. (ops)'],
    ['Acme Inc.', 'Olga', '', 'Acme Inc. (Olga)'],
    ['Acme Inc.', '', '', 'Acme Inc.'],
    ['sales (PostgreSQL 17)', 'reader', '', 'sales (PostgreSQL 17), reader'],
  ])('names a credential after %s, %s, %s', (organizationName, userName, userEmail, name) => {
    expect(accountName({ organizationId: 'o', organizationName, userId: 'u', userName, userEmail })).toBe(
      name,
    )
  })
})

describe('names of files and tables', () => {
  const writer = {
    ...folder,
    destination: {
      templates: [],
      writes: 'whole' as const,
      repeat: null,
      abilities,
      fields: [
        field('file', { suggestion: '{source}.{format}' }),
        field('format', { defaultValue: 'jsonl' }),
      ],
    },
  }
  const nothing = () => []

  it('come from what the source reads', () => {
    const reader = connector('crm', true, [
      field('note'),
      field('object', { required: true, defaultValue: 'leads' }),
    ])
    expect(subjectOf(reader, {})).toBe('leads')
    expect(subjectOf(reader, { object: 'Custom Things' })).toBe('custom_things')
    const files = connector('folder', false, [field('file', { required: true, kind: 'file' })])
    expect(subjectOf(files, { file: 'Messe Köln 2025.csv' })).toBe('messe_köln_2025')
    expect(subjectOf(files, {})).toBe('')
    expect(subjectOf(undefined, {})).toBe('')
  })

  it('follow another field until somebody types one', () => {
    expect(suggestedConfig(writer, {}, 'leads', nothing)).toEqual({ file: 'leads.jsonl' })
    expect(suggestedConfig(writer, { format: 'csv' }, 'leads', nothing)).toEqual({ file: 'leads.csv' })
    expect(suggestedConfig(writer, { file: '' }, 'leads', nothing)).toEqual({})
    expect(suggestedConfig(writer, {}, '', nothing)).toEqual({})
  })

  it('are left out where each stream has a name of its own, unless one is required', () => {
    expect(suggestedConfig(writer, {}, 'streams', nothing, true)).toEqual({})
    const fields = [field('file', { suggestion: '{source}', required: true })]
    const wanted = { ...writer, destination: { ...writer.destination, fields } }
    expect(suggestedConfig(wanted, {}, 'streams', nothing, true)).toEqual({ file: 'streams' })
  })

  it('take a number where a file or a destination has the name', () => {
    const taken = () => ['Leads.jsonl', 'leads_2.jsonl']
    expect(suggestedConfig(writer, {}, 'leads', taken)).toEqual({ file: 'leads_3.jsonl' })
  })
})
