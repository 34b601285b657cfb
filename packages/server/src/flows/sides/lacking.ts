import type { Config, Connector } from '@latchwork/connectors'
import {
  type Column,
  type FieldFault,
  LatchworkError,
  type MappingPair,
  readMapping,
  type User,
} from '@latchwork/contract'
import { mappingsOf, withoutMapping } from './form.ts'
import { access, type PreviewParts, type UnsavedSide, withinLimit } from './looking.ts'

type Person = Pick<User, 'id'>

/**
 * Requires that the account of a destination has the fields that are mapped.
 * @param before the destination as it was, which may know what they are called; null for a new one
 * @returns the form, with what the account calls them, so that they can be named once another takes its place
 * @throws {LatchworkError} `mapping_invalid` with a fault a row
 */
export async function requireFields(
  parts: PreviewParts,
  before: UnsavedSide | null,
  after: UnsavedSide,
  user: Person,
): Promise<Config> {
  const connector = parts.connectors.get(after.connector)
  if (connector?.namesOwn?.(after.config) !== true) return after.config
  const there = await targetsOf(parts, after, user)
  if (there === null) return after.config
  const errors = await lackingAmong(there, parts, before, after, user)
  if (errors.length === 0) return labelled(connector, after.config, there)
  const message = `${errors.map((each) => each.message).join(' ')} Map them to other fields, or remove the rows.`
  throw new LatchworkError('mapping_invalid', { message, errors })
}

/**
 * The rows of a mapping whose fields the account of a destination does not have. An account that can't be asked now is
 * left to the run, which refuses them before it writes anything.
 * @param before as `requireFields`
 */
export async function fieldsLacking(
  parts: PreviewParts,
  before: UnsavedSide | null,
  after: UnsavedSide,
  user: Person,
): Promise<FieldFault[]> {
  if (parts.connectors.get(after.connector)?.namesOwn?.(after.config) !== true) return []
  const there = await targetsOf(parts, after, user)
  return there === null ? [] : lackingAmong(there, parts, before, after, user)
}

async function lackingAmong(
  there: readonly Column[],
  parts: PreviewParts,
  before: UnsavedSide | null,
  after: UnsavedSide,
  user: Person,
): Promise<FieldFault[]> {
  const connector = parts.connectors.get(after.connector)
  if (connector === undefined || there.length === 0) return []
  const names = new Set(there.map(({ name }) => name))
  const gone = pairsOf(connector, after.config).filter(({ pair }) => !names.has(pair.to))
  if (gone.length === 0) return []
  const isNamed = gone.every(({ pair }) => pair.label !== undefined)
  const known = isNamed || before === null ? [] : ((await targetsOf(parts, before, user)) ?? [])
  const account = await accountName(parts, after)
  return gone.map(({ field, pair }) => ({
    field: `config.${field}`,
    rule: 'mapping',
    message: `The column “${pair.from}” goes into the field ${labelOf(pair, known)}, which ${account} does not have.`,
  }))
}

function labelled(connector: Connector, config: Config, there: readonly Column[]): Config {
  const fields = mappingsOf(connector).map(({ name }) => {
    const pairs = (readMapping(config[name] ?? '') ?? []).map(({ from, to }) => {
      const label = there.find((column) => column.name === to)?.label
      return { from, to, ...(label !== undefined && label !== to && { label }) }
    })
    return [name, JSON.stringify(pairs)]
  })
  return { ...config, ...Object.fromEntries(fields) }
}

/** What an account is called in a sentence. */
export async function accountName(
  { credentials }: Pick<PreviewParts, 'credentials'>,
  { credentialId }: Pick<UnsavedSide, 'credentialId'>,
): Promise<string> {
  const credential = credentialId === null ? null : await credentials.find(credentialId)
  return credential?.identity?.organizationName || 'the account'
}

function labelOf({ to, label }: MappingPair, known: readonly Column[]): string {
  const name = label ?? known.find((column) => column.name === to)?.label
  return name === undefined ? to : `“${name}” (${to})`
}

function pairsOf(connector: Connector, config: Config): { field: string; pair: MappingPair }[] {
  return mappingsOf(connector).flatMap(({ name }) =>
    (readMapping(config[name] ?? '') ?? []).map((pair) => ({ field: name, pair })),
  )
}

/** The fields that can be mapped to; null: the account can't be asked. */
function targetsOf(parts: PreviewParts, side: UnsavedSide, user: Person): Promise<readonly Column[] | null> {
  const dataset = { columns: [], records: [], key: null, ordered: false }
  return ifAsked(() =>
    withinLimit(async (signal) => {
      const { connector, credential } = await access(parts, 'destination', side, user, signal)
      const form = withoutMapping(connector, side.config)
      return (await connector.preview?.(form, credential, { signal }, dataset))?.targetColumns ?? null
    }),
  )
}

/** Null where the other system can't be asked now, or not by this person. */
export async function ifAsked<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LatchworkError) return null
    throw error
  }
}
