import type { Connector } from '@latchwork/connectors'
import { type FlowOverlaps, LatchworkError, targetOf, type User } from '@latchwork/contract'
import type { AccessRules } from '../identity/rules.ts'
import { inSchema, storedConfig } from './sides/form.ts'
import type { FlowStore } from './store/flows.ts'
import type { WritingFlow } from './store/written.ts'

export interface OverlapParts {
  readonly stores: { readonly flows: Pick<FlowStore, 'beside'> }
  readonly rules: AccessRules
  readonly connectors: ReadonlyMap<string, Connector>
}

/** So many tables or files are named. */
const namedAtMost = 5

/** What a flow writes. */
interface Written {
  readonly kind: 'table' | 'file'
  /** The system that it reads. */
  readonly system: string
  /** Names of tables or files by what tells them apart; null: it reads everything, and has not run yet. */
  readonly things: ReadonlyMap<string, string> | null
  readonly streams: readonly string[]
  /** What it would write a stream to if it read everything. */
  wouldWrite(stream: string): ReadonlyMap<string, string>
}

/**
 * Other flows that write to a table or file of this one: what one writes, the other may replace, mark as deleted or remove.
 * Those that the person may not see are only counted.
 */
export async function overlapsOf(parts: OverlapParts, flowId: string, user: User): Promise<FlowOverlaps> {
  const flows = await parts.stores.flows.beside({ flowId })
  const asked = flows.find(({ id }) => id === flowId)
  return asked === undefined ? { items: [], hidden: 0 } : overlapsAmong(parts, asked, flows, user)
}

/** The flows among these that write to a table or file of one. */
export async function overlapsAmong(
  parts: OverlapParts,
  asked: WritingFlow,
  flows: readonly WritingFlow[],
  user: User,
): Promise<FlowOverlaps> {
  const own = writtenBy(parts.connectors, asked)
  if (own === null) return { items: [], hidden: 0 }
  const found = flows.flatMap((flow) => {
    const other = flow.id === asked.id ? null : writtenBy(parts.connectors, flow)
    const names = other === null ? null : shared(own, other)
    return names === null ? [] : [{ flow: { id: flow.id, name: flow.name }, names }]
  })
  const seen = await parts.rules.seen(
    user,
    found.map(({ flow }) => ({ kind: 'flow', id: flow.id })),
  )
  const items = found
    .filter(({ flow }) => seen.has(flow.id))
    .map(({ flow, names }) => ({
      ...{ flow, kind: own.kind, names: names.slice(0, namedAtMost), count: names.length },
    }))
  return { items, hidden: found.length - items.length }
}

/** The names of what both write; empty: some of it, nobody knows what. Null: nothing. */
function shared(one: Written, other: Written): string[] | null {
  if (one.things !== null && other.things !== null) return orNull(both(one.things, other.things))
  // The streams of two systems are called by different names.
  if (one.system !== other.system) return null
  const [unknown, known] = one.things === null ? [one, other] : [other, one]
  if (known.things === null)
    return both(unknown.wouldWrite('any'), known.wouldWrite('any')).length > 0 ? [] : null
  const would = new Map(known.streams.flatMap((stream) => [...unknown.wouldWrite(stream)]))
  return orNull(both(known.things, would))
}

function both(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] {
  return [...one].flatMap(([key, name]) => (other.has(key) ? [name] : []))
}

function orNull(names: string[]): string[] | null {
  return names.length === 0 ? null : names
}

/** Null: its flows do not get in each other's way, or it names nothing. */
function writtenBy(connectors: ReadonlyMap<string, Connector>, flow: WritingFlow): Written | null {
  const connector = connectors.get(flow.destination.connector)
  const { streams, source, file } = flow
  if (connector?.writesTo === undefined) return null
  const form = inSchema(
    connector,
    storedConfig(connector, 'destination', flow.destination.config),
    flow.schema,
  )
  const { fileField } = connector
  const config = file === null || fileField === undefined ? form : { ...form, [fileField]: file.name }
  const thingsOf = (named: readonly { readonly stream: string; readonly target: string | null }[]) =>
    new Map(
      named.flatMap((each) => {
        const thing = fitting(() => connector.writesTo?.(config, flow.values, each))
        if (thing === null) return []
        // Files of one name are two where they have two owners.
        const owner = each.target === null ? (file?.ownerId ?? flow.ownerId) : flow.ownerId
        const place = thing.kind === 'file' ? owner : thing.place
        return [[JSON.stringify([place, thing.name]), thing.name] as const]
      }),
    )
  const wouldWrite = (stream: string) => thingsOf([{ stream, target: stream }])
  const of = (named: readonly { readonly stream: string; readonly target: string | null }[]) => ({
    things: thingsOf(named),
    streams: named.map(({ stream }) => stream),
  })
  const kind = fitting(() =>
    connector.writesTo?.(config, flow.values, { stream: 'any', target: 'any' }),
  )?.kind
  if (kind === undefined) return null
  const common = { kind, system: source.connector, wouldWrite }
  if (streams?.everything === true) {
    if (flow.moved.length === 0) return { ...common, things: null, streams: [] }
    return { ...common, ...of(flow.moved) }
  }
  const reader = connectors.get(source.connector)
  const chosen =
    streams?.chosen ??
    fitting(() => reader?.selectionsOf?.(storedConfig(reader, 'source', source.config)))?.map(
      ({ stream }) => ({ stream, target: null }),
    ) ??
    []
  return {
    ...common,
    ...of(chosen.map((each) => ({ stream: each.stream, target: targetOf(each, chosen.length) }))),
  }
}

/** Null for a form or a name that does not fit this version: its run says so. */
function fitting<T>(work: () => T | undefined): T | null {
  try {
    return work() ?? null
  } catch (error) {
    if (error instanceof LatchworkError) return null
    throw error
  }
}
