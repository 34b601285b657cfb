import type { CloseClient } from '@latchwork/close'
import {
  type Column,
  type DataRecord,
  fieldValue,
  invalidField,
  type MappingPair,
  readMapping,
  valueIn,
} from '@latchwork/contract'
import { countState, readCheckpointPart } from '../checkpoint-part.ts'
import type {
  Claim,
  Config,
  CredentialAccess,
  Dataset,
  Destination,
  DestinationOptions,
  FoundRecords,
  PlannedPreview,
  ReplayedRecord,
  StreamPlan,
  StreamWriter,
} from '../interface.ts'
import { readConfig } from '../read-config.ts'
import { readAccountRules } from './account-rules.ts'
import { ClockSkew } from './clock-skew.ts'
import { type CloseContext, closeClientFor } from './close-client.ts'
import { destinationFields } from './definition.ts'
import { closeFailure } from './failures.ts'
import { findCreated } from './find-created.ts'
import { withKnownIds } from './known-ids.ts'
import { type PlannedWrite, planWrite, rulesOf, type WriteMode, type WriteRules } from './plan.ts'
import type { Reconciliation } from './reconciliation.ts'
import { readTargets, type TargetObject, targetObject } from './targets.ts'
import { type PageDone, type PageWrite, writePage } from './writer.ts'

/** Close's lists and searches lag 30 to 60 seconds behind what was written. */
const defaultListLagMs = 75_000
const graceMs = 3_000

/** The rules of a mapping that the definition can't express: only the account knows its custom fields. */
export function closeDestinationFaults(values: Config): Record<string, string> {
  const faults: Record<string, string> = {}
  const object = targetObject(values['object'] ?? '')
  const mapping = readMapping(values['mapping'] ?? '')
  const { mode } = values
  if (object === undefined || mapping === null) return faults
  const targets = mapping.map(({ to }) => to)
  const known = new Set(['id', ...object.columns.map((column) => column.name)])
  const unknown = targets.find((name) => !known.has(name) && !isCustomField(name))
  if (unknown !== undefined) {
    faults['mapping'] =
      `names ${unknown}, which a ${object.word} in Close doesn't have or doesn't let anybody write`
  } else if (mode === 'create' && targets.includes('id')) {
    faults['mapping'] = "can't set id when records are created: Close gives them new ones"
  } else if (mode === 'update' && targets.some((name) => object.createOnly.includes(name))) {
    faults['mapping'] =
      `has ${object.createOnly.join(', ')}, which can only be set when a ${object.word} is created`
  }
  return faults
}

const isCustomField = (name: string) => /^custom\.\w+$/.test(name)

/** Whether a mapping names custom fields: each account has its own. */
export function namesCustomFields(values: Config): boolean {
  return readMapping(values['mapping'] ?? '')?.some(({ to }) => isCustomField(to)) ?? false
}

export function openCloseDestination(
  config: Config,
  credential: CredentialAccess,
  context: CloseContext,
  options: DestinationOptions,
): Destination {
  return {
    open: (plan, signal) => openWriter(config, credential, { ...context, signal }, { ...options, ...plan }),
    close: async () => undefined,
  }
}

/**
 * Writes records to Close: creates and updates. Records that Close refuses come back with its message; a create whose
 * answer was lost is looked up rather than sent again.
 *
 * @throws LatchworkError `invalid_input`, `mapping_invalid`, `checkpoint_unreadable`, and those of a Close source
 */
async function openWriter(
  config: Config,
  credential: CredentialAccess,
  context: CloseContext,
  options: DestinationOptions & StreamPlan,
): Promise<StreamWriter> {
  const values = readConfig(destinationFields, config, closeDestinationFaults)
  let records = options.resume === null ? 0 : readCheckpointPart(countState, options.resume).records
  const { client, clockSkew, object, rulesFor, failureOf } = await prepare(values, credential, context)
  const rules = rulesFor(options.columns)
  const { ordered, ledger, hold } = options
  const reconciliation: Reconciliation = {
    ...{ client, clockSkew, object, ledger, hold },
    fields: rules.pairs.map(({ field }) => field),
    sender: closeClientFor(credential, { ...context, signal: withGrace(context) }, { clockSkew }),
    clock: context.clock,
    signal: context.signal,
    lagMs: context.listLagMs ?? defaultListLagMs,
    activity: (sentence) => context.activity?.(sentence),
  }
  const place = `${credential.organizationId ?? ''}\0${object.searchType}\0`
  const claimOf = (record: DataRecord, index: number, replayed?: ReplayedRecord): Claim => {
    if (replayed !== undefined) {
      const identity = `replay:${replayed.id}`
      const { entry } = replayed
      return { identity: place + identity, position: null, before: { identity, ofRun: true }, entry }
    }
    const own = options.key === null ? null : (valueIn(record, options.key) ?? null)
    const number = records + index
    const identity = own === null ? `record:${JSON.stringify(record)}` : `key:${String(own)}`
    return {
      identity: place + identity,
      position: own === null && ordered ? number : null,
      before: { identity: ordered ? `record:${number}` : `key:${String(own)}`, ofRun: ordered },
    }
  }
  return {
    write: async ({ records: written, replayed }) => {
      const writes = written.map((record, index): PageWrite => {
        return { index, claim: claimOf(record, index, replayed?.[index]), plan: planWrite(record, rules) }
      })
      const done: PageDone = { written: 0, created: 0, refused: [] }
      try {
        await writePage(reconciliation, writes, done)
      } catch (error) {
        return { ...done, state: { records }, interrupted: failureOf(error) }
      }
      records += written.length
      // Nothing is deleted in Close: that is all there is to do about them.
      return { ...done, deleted: 0, state: { records } }
    },
    finish: async () => null,
    abort: async () => undefined,
    close: async () => undefined,
  }
}

/** What is on its way when a run ends is waited for a little, so that it is known what became of it. */
function withGrace({ signal, clock }: Pick<CloseContext, 'signal' | 'clock'>): AbortSignal {
  const over = new AbortController()
  const begin = () => void clock.sleep(graceMs).finally(() => over.abort(signal.reason))
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin, { once: true })
  return over.signal
}

/**
 * Previews a write of these records. Without a mapping it only lists the fields to map to.
 * @throws LatchworkError as `openCloseDestination`
 */
export async function previewCloseDestination(
  config: Config,
  credential: CredentialAccess,
  context: CloseContext,
  dataset: Pick<Dataset, 'columns' | 'records'>,
): Promise<PlannedPreview> {
  const {
    client,
    targets: allTargets,
    object,
    rulesFor,
    failureOf,
  } = await prepare(config, credential, context)
  const sourceColumns = [...dataset.columns]
  const mode = fieldValue(destinationFields, config, 'mode')
  const refused = mode === 'create' ? ['id'] : mode === 'update' ? object.createOnly : []
  const targets = allTargets.filter(({ name }) => !refused.includes(name))
  const mapping = fieldValue(destinationFields, config, 'mapping')
  if (mapping === '' || mapping === '[]') return { sourceColumns, targetColumns: targets, rows: [] }
  readConfig(destinationFields, config, closeDestinationFaults)
  const rules = rulesFor(dataset.columns)
  const planned = dataset.records.map((record) => planWrite(record, rules))
  const plans = await withKnownIds(client, object, planned, context.signal).catch((error: unknown) => {
    throw failureOf(error)
  })
  const rows = dataset.records.flatMap((before, index) => {
    const plan = plans[index]
    return plan === undefined ? [] : [{ before, ...previewOf(plan) }]
  })
  return { sourceColumns, targetColumns: targets, rows }
}

/**
 * Looks in Close for what may be this record.
 * @throws LatchworkError `record_not_in_doubt`, and as `openCloseDestination`
 */
export async function findInClose(
  config: Config,
  credential: CredentialAccess,
  context: CloseContext,
  { columns, records: [record = {}] }: Pick<Dataset, 'columns' | 'records'>,
): Promise<FoundRecords> {
  const { client, rulesFor, failureOf } = await prepare(config, credential, context)
  const rules = rulesFor(columns)
  return findCreated(client, planWrite(record, rules), rules, context.signal).catch((error: unknown) => {
    throw failureOf(error)
  })
}

function previewOf(plan: PlannedWrite): Omit<PlannedPreview['rows'][number], 'before'> {
  switch (plan.action) {
    case 'create':
      return { after: { ...plan.body }, action: 'create', message: null }
    case 'update':
      return { after: { id: plan.id, ...plan.body }, action: 'update', message: null }
    case 'refuse':
      return { after: null, action: 'refuse', message: plan.message }
  }
}

interface Prepared {
  readonly client: Reconciliation['client']
  readonly clockSkew: ClockSkew
  readonly object: TargetObject
  /** The fields that can be mapped to. */
  readonly targets: Column[]
  /** @throws LatchworkError `mapping_invalid` */
  rulesFor(columns: readonly Column[]): WriteRules
  /** What is thrown, as an error of the catalogue where it is one of Close. */
  failureOf(error: unknown): unknown
}

async function prepare(
  config: Config,
  credential: CredentialAccess,
  context: CloseContext,
): Promise<Prepared> {
  const object = targetObject(fieldValue(destinationFields, config, 'object'))
  if (object === undefined) throw invalidField('object', 'form', 'must name what to write')
  const clockSkew = new ClockSkew()
  const client = closeClientFor(credential, context, { clockSkew })
  const failureOf = (error: unknown): unknown =>
    context.signal.aborted ? context.signal.reason : closeFailure(error, credential, context)
  const mapping = readMapping(fieldValue(destinationFields, config, 'mapping')) ?? []
  const { targets, account } = await readAccount(client, object, mapping).catch((error: unknown) => {
    throw failureOf(error)
  })
  const rulesFor = (columns: readonly Column[]): WriteRules => {
    const mode = readMode(fieldValue(destinationFields, config, 'mode'))
    return rulesOf(object, mode, mapping, columns, targets, account)
  }
  return { client, clockSkew, object, targets, rulesFor, failureOf }
}

/** What the account has to map to, and what it takes in the fields that are mapped. */
async function readAccount(client: CloseClient, object: TargetObject, mapping: readonly MappingPair[]) {
  const { targets, custom } = await readTargets(client, object)
  const mapped = new Set(mapping.map(({ to }) => to))
  return { targets, account: await readAccountRules(client, object, custom, mapped) }
}

function readMode(text: string): WriteMode {
  return text === 'update' || text === 'upsert' ? text : 'create'
}
