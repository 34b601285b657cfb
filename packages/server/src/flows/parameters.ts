import { isDeepStrictEqual } from 'node:util'
import type { Connector, Source } from '@latchwork/connectors'
import {
  type FieldFault,
  type FlowStream,
  type FlowStreams,
  faultSentence,
  listOf,
  type OfferedStream,
  offeredName,
  outsideLimits,
  ownName,
  readFields,
  streamLabel,
  type User,
} from '@latchwork/contract'
import { invalidInput, under } from '../http/input.ts'
import { memberOf } from '../identity/rules.ts'
import { ifAsked } from './sides/lacking.ts'
import type { PreviewParts } from './sides/looking.ts'
import { optionsOf, type ParameterOf, streamsOf, withSaved } from './sides/offered.ts'
import type { Sides } from './sides/sides.ts'
import type { FlowStore } from './store/flows.ts'
import type { SideView } from './store/sides.ts'

export interface ParameterParts {
  readonly preview: PreviewParts
  readonly sources: Pick<Sides, 'find'>
  readonly flows: Pick<FlowStore, 'find'>
}

type Streams = FlowStreams | null | undefined

/**
 * Requires that the streams of a new flow are read as they can be. It may wait for the source's system.
 * @throws {LatchworkError} `invalid_input`, a fault a field: `streams.chosen.0.parameters.smart_view`; `source_not_found`,
 * `forbidden`; and as the source's streams are asked for
 */
export async function checkNew(
  parts: ParameterParts,
  { sourceId, streams }: { readonly sourceId: string; readonly streams: Streams },
  owner: User,
): Promise<void> {
  if (saying(streams, null).length === 0) return
  await parts.preview.rules.require(memberOf(owner), 'collaborator', { kind: 'source', id: sourceId })
  await check(parts, sourceId, owner.id, streams, null)
}

/** The same of what a change says otherwise than before: by the rights of the flow's owner, as it runs. */
export async function checkChanged(
  parts: ParameterParts,
  id: string,
  change: { readonly sourceId?: string | undefined; readonly streams?: Streams },
  user: User,
): Promise<void> {
  if (change.sourceId === undefined && saying(change.streams, null).length === 0) return
  const flow = await parts.flows.find(id)
  if (flow === null) return
  const { sourceId = flow.sourceId, streams = flow.streams } = change
  const isOther = sourceId !== flow.sourceId
  if (saying(streams, isOther ? null : flow.streams).length === 0) return
  if (isOther) {
    await parts.preview.rules.require(memberOf(user), 'collaborator', { kind: 'source', id: sourceId })
  }
  await check(parts, sourceId, flow.ownerId, streams, isOther ? null : flow.streams)
}

/** The streams of which more is said than their names, and not the same as before, each with its place. */
function saying(streams: Streams, before: Streams): [index: number, choice: FlowStream][] {
  if (streams === null || streams === undefined || streams.everything) return []
  const known = before === null || before === undefined || before.everything ? [] : before.chosen
  const isSame = (choice: FlowStream) =>
    known.some(
      ({ stream, parameters }) =>
        stream === choice.stream && isDeepStrictEqual(parameters, choice.parameters),
    )
  return [...streams.chosen.entries()].filter(
    ([, choice]) =>
      (Object.keys(choice.parameters).length > 0 || offeredName(choice.stream) !== choice.stream) &&
      !isSame(choice),
  )
}

async function check(
  { preview, sources }: ParameterParts,
  sourceId: string,
  ownerId: string,
  streams: Streams,
  before: Streams,
): Promise<void> {
  const asked = saying(streams, before)
  if (asked.length === 0) return
  const faults = await faultsIn(preview, await sources.find(sourceId), asked, { id: ownerId })
  if (faults.length > 0) throw invalidInput(faults.slice(0, 20))
}

/**
 * What of these streams and their parameters a source does not have.
 * @param before the source as it was, which may know what the choices are called
 */
export function choicesLacking(
  preview: PreviewParts,
  before: SideView | null,
  after: SideView,
  streams: readonly FlowStream[],
  user: Pick<User, 'id'>,
): Promise<FieldFault[]> {
  const labelOf = async (asked: ParameterOf, ids: readonly string[]) => {
    const known =
      before === null
        ? null
        : await ifAsked(() => withSaved(preview, before, user, (each) => optionsOf(each, asked)))
    return ids.map((id) => `“${known?.find(({ value }) => value === id)?.label ?? id}”`).join(', ')
  }
  return faultsIn(preview, after, [...streams.entries()], user, labelOf)
}

type LabelOf = (asked: ParameterOf, ids: readonly string[]) => Promise<string>

function faultsIn(
  preview: PreviewParts,
  side: SideView,
  asked: readonly (readonly [index: number, choice: FlowStream])[],
  reader: Pick<User, 'id'>,
  labelOf: LabelOf | null = null,
): Promise<FieldFault[]> {
  return withSaved(preview, side, reader, async (source, connector) => {
    const offered = await streamsOf(source)
    const faults: FieldFault[] = []
    for (const [index, choice] of asked) {
      const found = faultsOf(choice, offered, connector)
      const own = found.length > 0 ? found : await foreignChoices(choice, offered, source, labelOf)
      const named = own.map((fault) => ({ ...fault, message: `${streamLabel(choice)}: ${fault.message}` }))
      faults.push(...under(`streams.chosen.${index}`, named))
    }
    return faults
  })
}

function offeredOf({ stream }: FlowStream, offered: readonly OfferedStream[]): OfferedStream | undefined {
  const found = offered.find(({ name }) => name === offeredName(stream))
  return (found?.repeats === true) === (offeredName(stream) !== stream) ? found : undefined
}

/** Faults of the form. */
function faultsOf(choice: FlowStream, offered: readonly OfferedStream[], connector: Connector): FieldFault[] {
  const found = offeredOf(choice, offered)
  if (found === undefined) {
    return [{ field: 'stream', rule: 'unknown', message: 'The source offers no stream of this name.' }]
  }
  if (ownName(choice.stream).trim() === '') {
    return [{ field: 'stream', rule: 'required', message: `${found.label} needs a name of its own.` }]
  }
  const { faults } = readFields(found.parameters, choice.parameters, {
    own: (values) => connector.validateParameters?.(found.name, values) ?? {},
  })
  return under('parameters', faults)
}

/** Choices that the account does not have. */
async function foreignChoices(
  choice: FlowStream,
  offered: readonly OfferedStream[],
  source: Source,
  labelOf: LabelOf | null,
): Promise<FieldFault[]> {
  const found = offeredOf(choice, offered)
  const faults: FieldFault[] = []
  for (const { name, label, optionsFrom } of found?.parameters ?? []) {
    const ids = listOf(choice.parameters[name] ?? '')
    if (found === undefined || optionsFrom !== 'account' || ids.length === 0) continue
    const asked = { stream: found.name, parameter: name }
    const options = await optionsOf(source, asked)
    // There may be more than are told.
    if (options.length >= outsideLimits.options) continue
    const values = new Set(options.map(({ value }) => value))
    const gone = ids.filter((id) => !values.has(id))
    if (gone.length === 0) continue
    const which = labelOf === null ? '' : ` (${await labelOf(asked, gone)})`
    const rest = `has a choice that the account does not have${which}: choose it again`
    const message = faultSentence(label, rest)
    faults.push({ field: `parameters.${name}`, rule: 'choice', message })
  }
  return faults
}
