import {
  type Client,
  type FieldDefinition,
  type FieldFault,
  type FieldValues,
  isVisible,
  type MethodDefinition,
  readFields,
} from '@latchwork/contract'
import { CommandError } from './exit-codes.ts'
import type { Io } from './io.ts'
import { ask, canAsk, readSecret } from './prompt.ts'
import { clean } from './terminal.ts'

export interface FormInput {
  /** `name=value`, for fields without secrets. */
  readonly values: readonly string[]
  /** The first required secret comes from standard input. */
  readonly secretStdin: boolean
  /** `FILE` for the first required secret, or `field=FILE`. */
  readonly secretFiles: readonly string[]
}

/** Whether a person will be asked for a secret. */
export function isAskedFor(io: Io, { secretStdin, secretFiles }: FormInput): boolean {
  return canAsk(io) && !secretStdin && secretFiles.length === 0
}

/** @throws {CommandError} `usage` */
export async function findMethod(
  io: Io,
  client: Client,
  connectorId: string,
  methodId: string | undefined,
): Promise<MethodDefinition> {
  const { items } = await client.connectors.list()
  const connector = items.find(({ id }) => id === connectorId)
  if (connector === undefined) {
    throw new CommandError('usage', `There is no connector ${connectorId}, only: ${idsOf(items)}`)
  }
  const [only, ...others] = connector.methods
  if (only === undefined) throw new CommandError('usage', `${connector.label} needs no credential.`)
  const asked =
    methodId ?? (canAsk(io) && others.length > 0 ? await askMethod(io, connector.methods) : undefined)
  const method =
    asked === undefined && others.length === 0 ? only : connector.methods.find(({ id }) => id === asked)
  if (method !== undefined) return method
  throw new CommandError('usage', `Choose with --method one of: ${idsOf(connector.methods)}`)
}

async function askMethod(io: Io, methods: readonly MethodDefinition[]): Promise<string> {
  for (const { id, bestFor } of methods) io.stderr.write(`  ${id}: ${clean(bestFor)}\n`)
  return (await ask(io, 'Authentication method')).trim()
}

export interface FormScope {
  /** Selects the fields to read. */
  readonly which?: (field: FieldDefinition) => boolean
  /** The values of the other fields. They decide which fields apply. */
  readonly stored?: FieldValues
}

/**
 * Reads the fields of a method's form from the options. A person is asked for missing fields if possible.
 * @throws {CommandError} `usage`, also for faults that the server would refuse, one a line
 */
export async function readForm(
  io: Io,
  method: MethodDefinition,
  input: FormInput,
  { which = () => true, stored = {} }: FormScope = {},
): Promise<Record<string, string>> {
  const fields = method.fields.filter(which)
  const values = new Map<string, string>()
  for (const text of input.values) {
    const [name, value] = split(text)
    const field = fieldOf(fields, name)
    if (field.kind === 'secret') {
      throw new CommandError(
        'usage',
        `${field.label} is secret: others can see arguments. Use --secret-file.`,
      )
    }
    values.set(name, value)
  }
  await readSecrets(io, fields, input, values)
  for (const field of fields) {
    const all = { ...stored, ...Object.fromEntries(values) }
    if (values.has(field.name) || !isVisible(field, method.fields, all)) continue
    const value = await missing(io, field)
    if (value !== undefined) values.set(field.name, value)
  }
  const given = Object.fromEntries(values)
  const optional = (name: string) => fields.every((field) => field.name !== name)
  const { faults } = readFields(method.fields, given, { optional, stored })
  if (faults.length === 0) return given
  throw new CommandError('usage', faults.map((fault) => sentenceOf(fault, fields)).join('\n'))
}

/** Nobody can be asked for a missing field, so the sentence names its option. */
function sentenceOf({ field: name, rule, message }: FieldFault, fields: readonly FieldDefinition[]): string {
  const field = fields.find((each) => each.name === name)
  if (rule !== 'required' || field === undefined) return message
  return field.kind === 'secret'
    ? `${field.label} is needed: give it with --secret-stdin or --secret-file FILE.`
    : `${field.label} is needed: --value ${name}=…`
}

async function readSecrets(
  io: Io,
  fields: readonly FieldDefinition[],
  { secretStdin, secretFiles }: FormInput,
  values: Map<string, string>,
): Promise<void> {
  const main = fields.find(({ kind, required }) => kind === 'secret' && required)
  for (const text of secretFiles) {
    const field = text.includes('=') ? fieldOf(fields, split(text)[0]) : main
    if (field === undefined)
      throw new CommandError('usage', `Say for which field: --secret-file FIELD=${text}`)
    const file = text.includes('=') ? split(text)[1] : text
    values.set(field.name, await readSecret(io, field.label, { stdin: false, file }))
  }
  if (!secretStdin) return
  if (main === undefined) throw new CommandError('usage', 'No secret is needed here.')
  values.set(main.name, await readSecret(io, main.label, { stdin: true, file: undefined }))
}

/** Asks a person for a field that no option gave; undefined leaves it out. */
async function missing(io: Io, field: FieldDefinition): Promise<string | undefined> {
  if (!field.required || field.defaultValue !== undefined || !canAsk(io)) return undefined
  return field.kind === 'secret'
    ? readSecret(io, field.label, { stdin: false, file: undefined })
    : ask(io, field.label)
}

function fieldOf(fields: readonly FieldDefinition[], name: string): FieldDefinition {
  const field = fields.find((each) => each.name === name)
  if (field !== undefined) return field
  const names = fields.map((each) => each.name).join(', ')
  throw new CommandError('usage', `There is no field ${name}, only: ${names}`)
}

/** Splits at the first `=`; the value may hold more of them. */
function split(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new CommandError('usage', `Write it as name=value: ${text}`)
}

function idsOf(items: readonly { id: string }[]): string {
  return items.map(({ id }) => id).join(', ')
}
