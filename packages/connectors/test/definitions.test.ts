import { readFileSync } from 'node:fs'
import { connectorSchema, cureOf, mustChoose, readFields, reasonCodes } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { files, postgres, testClose } from './context.ts'
import { describeDestinations } from './document-destinations.ts'

const appUrl = 'https://app.close.example'
const close = testClose({ appUrl })

describe.each([close, postgres, files])(
  'the definition of $definition.id',
  ({ definition, identify, host, selectionsOf }) => {
    const forms = [
      ...definition.methods.map((method) => ({ fields: method.fields, steps: method.guide.steps.length })),
      { fields: definition.source?.fields ?? [], steps: 0 },
      { fields: definition.destination?.fields ?? [], steps: 0 },
    ]

    it('is a definition as the contract has it', () => {
      expect(connectorSchema.parse(definition)).toEqual(definition)
    })

    it('#59 with credentials: can ask whom one acts for, and says where it is sent', () => {
      expect([identify !== undefined, host !== undefined]).toEqual(
        Array(2).fill(definition.methods.length > 0),
      )
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

    it('says of each template of a source whether a flow must choose its streams', () => {
      for (const { config } of definition.source?.templates ?? []) {
        expect(mustChoose(definition, config)).toBe(selectionsOf?.(config).length === 0)
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
  },
)

describe('the Close credential form', () => {
  const definition = close.definition
  const [apiKey, oauth] = definition.methods

  it('guides to an API key step by step, with its warnings', () => {
    const text = JSON.stringify(apiKey?.guide)
    for (const word of [
      'app.close.example',
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
    expect(text).toContain(`${appUrl}/settings/developer/api-keys/`)
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
    expect(text).toContain(`${appUrl}/settings/developer/oauth-apps`)
    expect(text).toContain('https://developer.close.com/integrations/create-an-oauth-app')
    expect(oauth?.bestFor).toMatch(/user-facing/)
    const scope = oauth?.fields.find((field) => field.name === 'scope')
    expect(scope).toMatchObject({ required: false, help: expect.stringContaining('blank') })
    expect(JSON.stringify(scope?.links)).toContain('oauth-authentication')
  })
})

describe('a credential that fails', () => {
  const guide = readFileSync(new URL('../../../docs/failures.md', import.meta.url), 'utf8')
  const documented = [...guide.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code ?? '')
  /** What no credential of the system can have. */
  const foreign = {
    close: ['login_rejected', 'database_missing', 'tls_failed'],
    postgres: ['api_key_rejected', 'api_key_disabled', 'role_narrowed'],
  }
  const cases = [close.definition, postgres.definition].flatMap((definition) =>
    [...new Set([...reasonCodes, ...documented])]
      .filter(
        (code) =>
          !Object.entries(foreign).some(([id, codes]) => id === definition.id && codes.includes(code)),
      )
      .map((code) => ({ code, definition })),
  )

  it.each(cases)('of $definition.label has words and a cure for $code', ({ code, definition }) => {
    const cure = cureOf(code, definition)
    expect(cure?.what.length).toBeGreaterThan(5)
    expect(cure?.todo).toMatch(/^[A-Z].{8,}\.$/)
  })

  it('has its system’s own words where there are some, and none for what is not known', () => {
    expect(cureOf('account_refused', postgres.definition)?.todo).toContain('database user')
    expect(cureOf('account_refused')?.todo).not.toContain('database')
    expect([cureOf('something_new', close.definition), cureOf('constructor')]).toEqual([null, null])
  })
})

describe('docs/destinations.md', () => {
  it('says what the definitions say', () => {
    const file = new URL('../../../docs/destinations.md', import.meta.url)
    expect(readFileSync(file, 'utf8')).toBe(describeDestinations())
  })
})
