import {
  type Column,
  type FieldDefinition,
  type FieldOption,
  type FieldValues,
  invalidField,
  listOf,
  offeredName,
} from '@latchwork/contract'
import type {
  Batch,
  Config,
  CredentialAccess,
  ReadPurpose,
  Selection,
  Source,
  StreamReader,
} from '../interface.ts'
import { readConfig } from '../read-config.ts'
import { findStreamRow, readAccountRows } from './account-streams.ts'
import { byHandFields } from './by-hand/form.ts'
import { openByHand } from './by-hand/reader.ts'
import { byHandName, byHandStream } from './by-hand/stream.ts'
import { readChoices } from './choices.ts'
import { ClockSkew } from './clock-skew.ts'
import { type CloseContext, closeClientFor } from './close-client.ts'
import { readColumns } from './columns.ts'
import { chosenInFlow, sourceFields } from './definition.ts'
import { guardedBatches, guardOf } from './guard.ts'
import { openListed, organizationOf } from './listed.ts'
import { parameterFaults } from './parameter-faults.ts'
import { openSearched } from './searched.ts'
import { withParameters } from './streams/with-parameters.ts'
import { streamOf, streamRows } from './streams.ts'

/** The rules of a Close source that the definition can't express. */
export function closeSourceFaults(values: Config): Record<string, string> {
  const names = listOf(values['fields'] ?? '')
  if (names.every((name) => /^[\w.]{1,100}$/.test(name))) return {}
  return { fields: 'must be names of fields separated by commas' }
}

/** What a source reads whose form names one kind of record; nothing where each flow chooses. @throws LatchworkError `invalid_input` */
export function closeSelections(config: Config): Selection[] {
  const values = readConfig(sourceFields, config, closeSourceFaults)
  if (values['object'] === chosenInFlow.name) return []
  return [
    {
      stream: values['object'] ?? '',
      mode: 'full',
      columns: listOf(values['fields'] ?? ''),
      parameters: values['kinds'] === undefined ? {} : { kinds: values['kinds'] },
    },
  ]
}

export function openCloseSource(credential: CredentialAccess, context: CloseContext): Source {
  const guard = guardOf(credential, context)
  return {
    streams: async () => {
      const account = await guard(() => readAccountRows(closeClientFor(credential, context), context.signal))
      return [...[...streamRows, ...account].map(streamOf), byHandStream]
    },
    options: (stream, parameter) => guard(() => readOptions(stream, parameter, credential, context)),
    columns: (stream) =>
      guard(async () => {
        const client = closeClientFor(credential, context)
        return (await readColumns(client, await findStreamRow(client, stream, context.signal))).columns
      }),
    open: (selection, purpose, signal) => openStream(selection, credential, { ...context, signal }, purpose),
    close: async () => undefined,
  }
}

async function readOptions(
  stream: string,
  parameter: string,
  credential: CredentialAccess,
  context: CloseContext,
): Promise<FieldOption[]> {
  const client = closeClientFor(credential, context)
  const { parameters = [] } = await findStreamRow(client, stream, context.signal)
  const choices = parameters.find(({ field }) => field.name === parameter)?.choices
  if (choices === undefined)
    throw invalidField('parameter', 'form', 'must name one that the account has choices for')
  return readChoices(client, choices, context.signal)
}

/**
 * Opens the records of one stream. A full run reads all of them, each reader in its own way so that records that change,
 * appear or disappear meanwhile make no other be missed. An incremental one goes on from its state.
 *
 * @throws LatchworkError `invalid_input`, `stream_unavailable`, `api_key_rejected`, `grant_rejected`, `unreachable`,
 *   `upstream_rate_limited`, `upstream_error`
 */
async function openStream(
  given: Selection,
  credential: CredentialAccess,
  context: CloseContext,
  purpose: ReadPurpose,
): Promise<StreamReader> {
  const clockSkew = new ClockSkew()
  const client = closeClientFor(credential, context, { clockSkew })
  if (offeredName(given.stream) === byHandName) {
    return openByHandStream(given, credential, context, { client, clockSkew, purpose })
  }
  const row = await guardOf(credential, context)(() => findStreamRow(client, given.stream, context.signal))
  const selection = {
    ...given,
    parameters: readParameters(row.name, streamOf(row).parameters, given.parameters),
  }
  if (!streamOf(row).modes.includes(selection.mode))
    throw invalidField('mode', 'form', `can't be ${selection.mode} for ${selection.stream}`)
  const guard = guardOf(credential, context, row)
  const { columns: all, note } = await guard(() => readColumns(client, row))
  const columns = chooseColumns(all, selection.columns, purpose)
  const { reading: way } = row
  const nowMs = clockSkew.closeMs(context.clock.now())
  const { count, batches } = await guard(() =>
    way.by === 'search'
      ? openSearched({ ...row, reading: way }, columns, { client, selection, context, purpose, clockSkew })
      : openListed(withParameters({ ...row, reading: way }, selection.parameters, nowMs), columns, {
          ...{ client, context, purpose, credential },
        }),
  )
  return {
    columns,
    key: 'id',
    ordered: false,
    ...(selection.range !== undefined && way.by === 'search' && { excerpt: true as const }),
    ...(note === null ? {} : { notes: [note] }),
    count: (position = null) => guard(() => count(position)),
    batches: (position) => guardedBatches(guard, withNotice(batches(position), note)),
    close: async () => undefined,
  }
}

async function openByHandStream(
  { parameters, mode, columns: wanted }: Selection,
  credential: CredentialAccess,
  context: CloseContext,
  parts: Pick<Parameters<typeof openByHand>[1], 'client' | 'clockSkew' | 'purpose'>,
): Promise<StreamReader> {
  const { clock, signal } = context
  const guard = guardOf(credential, context, byHandStream)
  const values = readParameters(byHandName, byHandFields, parameters)
  const { columns, key, count, batches } = await guard(() =>
    openByHand(values, {
      ...parts,
      ...{ clock, signal, wanted, isIncremental: mode === 'incremental' },
      organizationId: organizationOf(parts.client, credential, signal),
    }),
  )
  return {
    ...{ columns, key, ordered: false, count },
    batches: (position) => guardedBatches(guard, batches(position)),
    close: async () => undefined,
  }
}

/** The values of a stream's parameters, defaults included. @throws LatchworkError `invalid_input` */
function readParameters(stream: string, fields: readonly FieldDefinition[], given: FieldValues): Config {
  const filled = Object.fromEntries(Object.entries(given).filter(([, value]) => value.trim() !== ''))
  return readConfig(fields, filled, (values) => parameterFaults(stream, values))
}

/** The first batch tells what could not be found out. */
async function* withNotice(
  batches: AsyncGenerator<Batch, void, undefined>,
  note: string | null,
): AsyncGenerator<Batch, void, undefined> {
  let untold = note
  for await (const batch of batches) {
    if (untold === null) yield batch
    else {
      const notice = { code: 'kind_refused', column: 'custom fields', count: 1, message: untold } as const
      yield { ...batch, notices: [...(batch.notices ?? []), notice] }
    }
    untold = null
  }
}

/**
 * The columns asked for, the key always among them. A run goes on without what Close does not have any more.
 * @throws LatchworkError `invalid_input` where somebody tries one that is not there
 */
function chooseColumns(columns: Column[], wanted: readonly string[], purpose: ReadPurpose): Column[] {
  if (wanted.length === 0) return columns
  const unknown = wanted.find((name) => !columns.some((column) => column.name === name))
  if (unknown !== undefined && purpose === 'sample') {
    throw invalidField('fields', 'unknown_field', `The account has no field ${unknown} on these records.`)
  }
  return columns.filter((column) => column.name === 'id' || wanted.includes(column.name))
}
