import { connectorSchema, readFields } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { connectors } from '../src/index.ts'

const closeAppUrl = 'https://app.close.example'
const definitions = [...connectors].map(([id, connector]) => ({
  id,
  definition: connector.definition({ closeAppUrl }),
}))

describe.each(definitions)('the definition of $id', ({ id, definition }) => {
  const forms = [
    ...definition.methods.map((method) => ({ fields: method.fields, steps: method.guide.steps.length })),
    { fields: definition.source?.fields ?? [], steps: 0 },
    { fields: definition.destination?.fields ?? [], steps: 0 },
  ]

  it('is a definition as the contract has it, under its own id', () => {
    expect(connectorSchema.parse(definition)).toEqual(definition)
    expect(definition.id).toBe(id)
  })

  it('#59 can ask whom a credential acts for, if it has any', () => {
    const connector = connectors.get(id)
    expect(connector?.identify !== undefined).toBe(definition.methods.length > 0)
  })

  it('names each field once, points guides at existing steps and conditions at existing fields', () => {
    for (const { fields, steps } of forms) {
      const names = fields.map((field) => field.name)
      expect(new Set(names).size).toBe(names.length)
      for (const field of fields) {
        if (field.guideStep !== undefined) expect(field.guideStep).toBeLessThan(steps)
        if (field.visibleWhen !== undefined) {
          // A secret is not at hand where a form is read again.
          const open = fields.filter(({ kind }) => kind !== 'secret').map(({ name }) => name)
          expect(open).toContain(field.visibleWhen.field)
        }
        const { visibleWhen: _, ...alone } = field
        expect(readFields([alone], { [field.name]: field.defaultValue ?? '' }).faults).toEqual(
          field.required && field.defaultValue === undefined
            ? [expect.objectContaining({ rule: 'required' })]
            : [],
        )
        if (field.kind === 'select') {
          const values = field.options?.map((option) => option.value) ?? []
          expect(values.length).toBeGreaterThan(1)
          if (field.defaultValue !== undefined) expect(values).toContain(field.defaultValue)
        }
      }
    }
  })

  it('has templates that fill fields of the form with values these offer', () => {
    for (const direction of [definition.source, definition.destination]) {
      for (const template of direction?.templates ?? []) {
        for (const [name, value] of Object.entries(template.config)) {
          const field = direction?.fields.find((candidate) => candidate.name === name)
          expect(field).toBeDefined()
          if (field?.options !== undefined) {
            expect(field.options.map((option) => option.value)).toContain(value)
          }
        }
      }
    }
  })
})

describe('the Close credential form', () => {
  const definition = connectors.get('close')?.definition({ closeAppUrl })
  const [apiKey, oauth] = definition?.methods ?? []

  it('guides to an API key step by step, with its warnings', () => {
    const text = JSON.stringify(apiKey?.guide)
    for (const word of [
      'app.close.com',
      'Settings > Developer > API Keys',
      'Create New API Key',
      'Generate',
    ]) {
      expect(text).toContain(word)
    }
    expect(text).toContain('only once')
    expect(text).toContain('acts for your organization')
    expect(text).toContain('one user in one organization')
    expect(text).toContain('Delete it in Close')
    expect(text).toContain(`${closeAppUrl}/settings/developer/api-keys/`)
    expect(text).toContain('https://developer.close.com/api/overview/api-key-authentication')
    expect(apiKey?.summary).toContain('password stays empty')
    expect(apiKey?.bestFor).toMatch(/server-side integrations, internal tools and scripts/)
  })

  it('guides to an OAuth app step by step, with its warnings', () => {
    const text = JSON.stringify(oauth?.guide)
    for (const word of ['must exist in Close first', 'Settings > Developer > OAuth Apps', 'Create App']) {
      expect(text).toContain(word)
    }
    for (const word of ['App Name', 'Redirect URI', '(optional)', 'Save', 'Client ID', 'Client Secret']) {
      expect(text).toContain(word)
    }
    expect(text).toContain('not show the Client Secret again')
    expect(text).toContain(`${closeAppUrl}/settings/developer/oauth-apps`)
    expect(text).toContain('https://developer.close.com/integrations/create-an-oauth-app')
    expect(oauth?.bestFor).toMatch(/user-facing/)
    const scope = oauth?.fields.find((field) => field.name === 'scope')
    expect(scope).toMatchObject({ required: false, help: expect.stringContaining('blank') })
    expect(JSON.stringify(scope?.links)).toContain('oauth-authentication')
  })
})
