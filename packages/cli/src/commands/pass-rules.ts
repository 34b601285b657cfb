import {
  type Client,
  isPassObject,
  type PassCreate,
  type PassPreset,
  passObject,
  passObjectNames,
  passPresets,
  passVerbs,
} from '@latchwork/contract'
import { z } from 'zod'
import { CommandError } from '../exit-codes.ts'
import { findSmartView } from '../find.ts'

type Rules = PassCreate['rules']

/** The options that say what a pass may do. */
export const ruleOptions = z.object({
  may: z.array(z.string()).default([]),
  preset: z.string().optional(),
  readFields: z.array(z.string()).default([]),
  writeFields: z.array(z.string()).default([]),
  path: z.array(z.string()).default([]),
  smartView: z.string().optional(),
  newLeads: z.boolean().optional(),
})
type RuleOptions = z.infer<typeof ruleOptions>

export const presetNames = Object.keys(passPresets) as PassPreset[] // keys of the object

/** Whether any of the options says what the pass may do. */
export function namesRules({ may, preset, readFields, writeFields, path }: RuleOptions): boolean {
  return preset !== undefined || [may, readFields, writeFields, path].some((each) => each.length > 0)
}

/**
 * What a pass may do, by `--preset read`, `--may lead:read,create`, `--read-fields lead:name,url` and `--path GET:/me/`.
 * @throws {CommandError} `usage`
 */
export function readRules(options: RuleOptions): Rules {
  const preset = presetNames.find((name) => name === options.preset)
  const given: Record<string, string[]> = {}
  for (const [name, verbs] of Object.entries(preset === undefined ? {} : passPresets[preset].grants))
    given[name] = [...verbs]
  for (const text of options.may) {
    const [name, verbs] = split(text, '--may')
    const all = requireObject(name).verbs
    const asked = verbs.includes('all') ? all : verbs
    given[name] = [...new Set([...(given[name] ?? []), ...asked])]
  }
  const fields = limits(options)
  const paths = options.path.map(readPath)
  const objects = Object.entries(given).map(([name, verbs]) => [name, verbs.map(requireVerb)])
  return {
    objects: Object.fromEntries(objects),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
    ...(paths.length === 0 ? {} : { paths }),
  }
}

/** What `--smart-view` says for a pass that sees all leads. */
const allLeads = 'all'

/**
 * The leads that a pass sees: those of the smart view that the options name, or as before.
 * @throws {CommandError} `refused`, `usage`
 */
export async function withSmartView(
  client: Client,
  credentialId: string,
  rules: Rules,
  { smartView: reference, newLeads }: RuleOptions,
  before: Rules['smartView'],
): Promise<Rules> {
  const { smartView: _, ...others } = rules
  if (reference === allLeads) return others
  const view = reference === undefined ? before : await findSmartView(client, credentialId, reference)
  if (view === undefined && newLeads !== undefined)
    throw new CommandError('usage', '--new-leads is for a pass with a smart view: give --smart-view, too.')
  if (view === undefined) return others
  return { ...others, smartView: { ...view, newLeads: newLeads ?? before?.newLeads ?? false } }
}

function limits({ readFields, writeFields }: RuleOptions): NonNullable<Rules['fields']> {
  const fields: NonNullable<Rules['fields']> = {}
  for (const [texts, option, way] of [
    [readFields, '--read-fields', 'read'],
    [writeFields, '--write-fields', 'write'],
  ] as const) {
    for (const text of texts) {
      const [name, names] = split(text, option)
      requireObject(name)
      if (isPassObject(name)) fields[name] = { ...fields[name], [way]: names }
    }
  }
  return fields
}

function readPath(text: string): NonNullable<Rules['paths']>[number] {
  const [method = '', path = ''] = text.split(/:(.*)/s)
  const known = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).safeParse(method.toUpperCase())
  if (known.success && path.startsWith('/')) return { method: known.data, path }
  throw new CommandError('usage', `--path is a method and a path, like GET:/lead/{id}/, not "${text}".`)
}

function split(text: string, option: string): [name: string, values: string[]] {
  const [name = '', values = ''] = text.split(/:(.*)/s)
  const listed = values.split(',').map((each) => each.trim())
  if (listed.every((each) => each !== '')) return [name.trim(), listed]
  throw new CommandError('usage', `${option} is an object and a list, like lead:read,create, not "${text}".`)
}

function requireObject(name: string) {
  if (isPassObject(name)) return passObject(name)
  throw new CommandError('usage', `There is no object "${name}". There are: ${passObjectNames.join(', ')}.`)
}

function requireVerb(verb: string) {
  const known = passVerbs.find((each) => each === verb)
  if (known !== undefined) return known
  throw new CommandError('usage', `There is no verb "${verb}". There are: ${passVerbs.join(', ')}, all.`)
}
