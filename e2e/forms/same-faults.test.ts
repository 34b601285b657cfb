import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Connector, ConnectorContext, CredentialAccess } from '@latchwork/connectors'
import {
  type FieldDefinition,
  type FieldFault,
  type FieldValues,
  LatchworkError,
  type MethodDefinition,
  readFields,
} from '@latchwork/contract'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type FormInput, readForm as readInCommand } from '../../packages/cli/src/form-input.ts'
import { makeConnectors } from '../../packages/server/src/app/connectors.ts'
import { readForm as readOnServer } from '../../packages/server/src/credentials/form/form.ts'
import { readConfig } from '../../packages/server/src/flows/sides/form.ts'
import { valueFaults } from '../../packages/web/src/credentials/form-rules.ts'
import { faultsOf } from '../../packages/web/src/sides/config.ts'
import { anyValues, inventedFields } from './any-form.ts'

/* Every reader of a form finds the same faults in it. */

const folder = mkdtempSync(join(tmpdir(), 'latchwork-forms-'))
afterAll(() => rmSync(folder, { recursive: true }))

const methodOf = (fields: readonly FieldDefinition[]): MethodDefinition => ({
  id: 'any',
  label: 'Any',
  summary: '',
  bestFor: '',
  flow: 'direct',
  fields: [...fields],
  guide: { title: '', steps: [], warnings: [], links: [] },
})
const formWith = (arbitrary: fc.Arbitrary<FieldDefinition[]>) =>
  arbitrary.chain((fields) => anyValues(fields).map((given) => ({ fields, given })))

/** The faults of a refusal, named as the form names its fields. */
const refusal = (error: unknown, prefix = ''): FieldFault[] => {
  if (!(error instanceof LatchworkError) || error.code !== 'invalid_input') throw error
  return (error.errors ?? []).map((fault) => ({ ...fault, field: fault.field.slice(prefix.length) }))
}
function onServer(fields: readonly FieldDefinition[], given: FieldValues): FieldFault[] {
  try {
    readOnServer({ fields: [...fields] }, given)
    return []
  } catch (error) {
    return refusal(error, 'values.')
  }
}
/** A person sends no field that the page does not draw. */
const onPage = (faults: readonly FieldFault[]) =>
  Object.fromEntries(
    faults.filter(({ rule }) => rule !== 'not_applicable').map(({ field, message }) => [field, message]),
  )

const io = () => ({
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  env: {},
  hostName: 'here',
  signal: new AbortController().signal,
})
/** A secret comes from a file. A file holds no half characters, and its last line break is not part of the secret. */
const canBeInFile = (text: string) => text !== '' && text.isWellFormed() && !text.endsWith('\n')
async function inCommand(fields: readonly FieldDefinition[], given: FieldValues): Promise<string[]> {
  const input: FormInput = {
    values: Object.entries(given).flatMap(([name, value]) =>
      isSecret(fields, name) ? [] : [`${name}=${value}`],
    ),
    secretStdin: false,
    secretFiles: Object.entries(given).flatMap(([name, value]) => {
      if (!isSecret(fields, name)) return []
      writeFileSync(join(folder, name), value)
      return [`${name}=${join(folder, name)}`]
    }),
  }
  try {
    await readInCommand(io(), methodOf(fields), input)
    return []
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CommandError') throw error
    return error.message.split('\n')
  }
}
const isSecret = (fields: readonly FieldDefinition[], name: string) =>
  fields.some((field) => field.name === name && field.kind === 'secret')
/** For a missing field, the command names the option that gives it. */
const inWords = (fields: readonly FieldDefinition[], fault: FieldFault) => {
  const field = fields.find(({ name }) => name === fault.field)
  if (fault.rule !== 'required' || field === undefined) return fault.message
  return field.kind === 'secret'
    ? `${field.label} is needed: give it with --secret-stdin or --secret-file FILE.`
    : `${field.label} is needed: --value ${field.name}=…`
}

const connectors = makeConnectors({
  clock: { now: () => 0, sleep: async () => undefined },
  closeApiUrl: 'http://127.0.0.1:9',
  closeAppUrl: 'http://127.0.0.1:9',
  filesDir: folder,
})
const context: ConnectorContext = {
  signal: AbortSignal.abort(new Error('a form with faults was taken')),
}
const credential = (method: string, values: FieldValues): CredentialAccess => ({
  id: 'cred_any',
  method,
  organizationId: null,
  values,
  secret: async () => 'any',
  accessToken: async () => 'any',
  rejected: async () => false,
})

describe('server, page and command', () => {
  const real = [...connectors.values()].flatMap((connector) => {
    const { methods, source, destination } = connector.definition
    return [...methods.map(({ fields }) => fields), source?.fields ?? [], destination?.fields ?? []]
  })

  it.each([
    ['every definition of a connector', fc.constantFrom(...real), 600],
    ['any other definition', inventedFields, 1500],
  ])('find the same faults in a form of %s', async (_, definitions, numRuns) => {
    const property = fc.asyncProperty(formWith(definitions), async ({ fields, given }) => {
      const { faults } = readFields(fields, given)
      expect(onServer(fields, given)).toEqual(faults)
      expect(valueFaults(methodOf(fields), given, [])).toEqual(onPage(faults))
      expect(faultsOf(fields, given)).toEqual(onPage(faults))
      const typed = Object.fromEntries(
        Object.entries(given).filter(([name, value]) => !isSecret(fields, name) || canBeInFile(value)),
      )
      const expected = readFields(fields, typed).faults.map((fault) => inWords(fields, fault))
      expect(await inCommand(fields, typed)).toEqual(expected)
    })
    await fc.assert(property, { numRuns })
  })
})

describe.each([...connectors].map(([id, connector]) => ({ id, connector })))(
  'the connector $id',
  ({ connector }) => {
    const definition = connector.definition
    const sides = (['source', 'destination'] as const).flatMap((kind) => {
      const fields = definition[kind]?.fields
      return fields === undefined ? [] : [{ kind, fields }]
    })

    it.each(sides)('refuses a $kind for the faults that the server finds', async ({ kind, fields }) => {
      let refused = 0
      const property = fc.asyncProperty(anyValues(fields), async (given) => {
        const faults = sideFaults(connector, kind, given)
        if (faults.length === 0) return
        refused += 1
        expect(await openFaults(connector, kind, given)).toEqual(faults)
      })
      await fc.assert(property, { numRuns: 300 })
      expect(refused).toBeGreaterThan(20)
    })

    it.each(definition.methods)(
      '$id: tells the first fault that the server finds',
      async ({ id, fields }) => {
        const open = fields.filter(({ kind }) => kind !== 'secret')
        if (connector.validateCredential === undefined) return
        const own = (values: FieldValues) => connector.validateCredential?.(id, values) ?? {}
        const property = fc.asyncProperty(anyValues(open), async (given) => {
          const [first] = readFields(open, given, { own }).faults
          if (first === undefined) return
          const { signal } = new AbortController()
          const result = await connector.check?.(credential(id, given), { ...context, signal })
          expect(result?.reason).toEqual({
            code: 'invalid_input',
            field: first.field,
            message: first.message,
          })
        })
        await fc.assert(property, { numRuns: 300 })
      },
    )
  },
)

function sideFaults(connector: Connector, kind: 'source' | 'destination', given: FieldValues): FieldFault[] {
  try {
    readConfig(connector, kind, given, 'config')
    return []
  } catch (error) {
    return refusal(error, 'config.')
  }
}

async function openFaults(connector: Connector, kind: 'source' | 'destination', given: FieldValues) {
  const access = credential('any', {})
  const nothing = async () => undefined
  const ledger = {
    claim: async () => [],
    begin: nothing,
    settle: nothing,
    known: async () => new Set<string>(),
  }
  const run = { runId: 'run_any', attempt: 1, round: 'any', hold: nothing, isUnderWay: async () => false }
  const options = { ...run, ledger }
  const plan = {
    stream: 'records',
    target: null,
    deletions: 'leave',
    changes: false,
    columns: [],
    key: null,
    ordered: true,
    resume: null,
  } as const
  try {
    if (kind === 'source') {
      const [selection] = connector.selectionsOf?.(given) ?? []
      const source = await connector.openSource?.(given, access, context)
      if (selection !== undefined) await source?.open(selection, 'sample', context.signal)
    } else {
      const destination = await connector.openDestination?.(given, access, context, options)
      await destination?.open(plan, context.signal)
    }
    return []
  } catch (error) {
    return refusal(error)
  }
}
