import type { Connector } from '@latchwork/connectors'
import { type FlowStreams, freeName, LatchworkError, type User } from '@latchwork/contract'
import { type AccessRules, memberOf } from '../identity/rules.ts'
import { requireSchema, requireStreams, schemaRefusal } from './chosen-streams.ts'
import { refuseSchedule } from './repeating.ts'
import type { FlowPermission } from './runs/permission.ts'
import type { Sides } from './sides/sides.ts'
import type { FlowStore, FlowView } from './store/flows.ts'
import type { RunStore } from './store/runs.ts'

interface LifeParts {
  readonly stores: {
    readonly flows: Pick<FlowStore, 'changeSides' | 'namesOf'>
    readonly runs: Pick<RunStore, 'lastFull'>
  }
  readonly rules: Pick<AccessRules, 'require'>
  readonly permission: Pick<FlowPermission, 'requireCredentials' | 'requireSides'>
  readonly sources: Sides
  readonly destinations: Sides
  readonly connectors: ReadonlyMap<string, Connector>
}

/** Another source, another destination or schema, or several of them. */
export interface OtherSides {
  readonly sourceId?: string | undefined
  readonly destinationId?: string | undefined
  /** Of its own for its tables. Left out: that of before, where the destination takes one. */
  readonly schema?: string | null | undefined
  /** Left out: those of before, where they fit. */
  readonly streams?: FlowStreams | null | undefined
  /** Agreed to: see `rereads_all`. */
  readonly reread: boolean
  /** Agreed to: see `repeat_creates`. */
  readonly again: boolean
}

/**
 * Changes the sides of a flow. Both who changes it and the flow's owner need the right to the new ones: the one chooses
 * them, the runs act for the other.
 * @throws {LatchworkError} `source_not_found`, `destination_not_found`, `forbidden`, `rereads_all`, `run_active`,
 * `repeat_creates`, `streams_not_chosen`, `invalid_input`
 */
export async function changeSides(
  parts: LifeParts,
  before: FlowView,
  { reread, again, ...change }: OtherSides,
  user: User,
): Promise<void> {
  const { stores, rules, permission } = parts
  const { id, ownerId, schedule } = before
  const { sourceId = before.sourceId, destinationId = before.destinationId } = change
  const changed = [
    ...(sourceId === before.sourceId ? [] : [{ kind: 'source', id: sourceId } as const]),
    ...(destinationId === before.destinationId ? [] : [{ kind: 'destination', id: destinationId } as const]),
  ]
  const schema = change.schema === undefined ? await schemaLeft(parts, before, destinationId) : change.schema
  if (changed.length === 0 && schema === before.schema) return
  for (const side of changed) {
    await rules.require(memberOf(user), 'collaborator', side)
    await permission.requireCredentials(user, [await parts[`${side.kind}s`].find(side.id)])
  }
  if ((before.lastRun !== null || before.freshAt !== 0) && !reread) {
    const where =
      schema !== before.schema || changed.some(({ kind }) => kind === 'destination')
        ? ' What it has written to the destination of before stays there.'
        : ' What the destination has of the source of before stays there until it is overwritten.'
    throw new LatchworkError('rereads_all', {
      message: `The next run of this flow reads all of its streams whole again, and begins without what the flow knows of earlier runs.${where}`,
    })
  }
  if (schedule !== null && !again) await refuseSchedule(parts, { destinationId, sourceId, ownerId })
  const streams = change.streams ?? (await streamsLeft(parts, before, sourceId))
  await requireStreams(parts, { sourceId, destinationId, streams })
  await requireSchema(parts, { destinationId, schema })
  await stores.flows.changeSides(id, { sourceId, destinationId, streams, schema })
  await permission.requireSides(
    id,
    changed.map(({ kind }) => kind),
  )
}

/** Its own schema, where another destination takes one as well. */
async function schemaLeft(
  parts: Pick<LifeParts, 'destinations' | 'connectors'>,
  { schema, destinationId: before }: FlowView,
  destinationId: string,
): Promise<string | null> {
  if (schema === null || destinationId === before) return schema
  return (await schemaRefusal(parts, destinationId, schema)) === null ? schema : null
}

/** What was chosen of the source of before, where another one of its system leaves the choice to the flow as well. */
async function streamsLeft(
  { sources }: Pick<LifeParts, 'sources'>,
  before: FlowView,
  sourceId: string,
): Promise<FlowStreams | null> {
  if (sourceId === before.sourceId) return before.streams
  if (await sources.namesStreams(sourceId)) return null
  const { connector } = await sources.find(sourceId)
  return connector === before.source.connector ? before.streams : null
}

/** What a copy of a flow is made of: all that was decided of it but when it runs. */
export async function copyOf(
  { stores }: { readonly stores: { readonly flows: Pick<FlowStore, 'namesOf'> } },
  { name, description, sourceId, destinationId, streams, compare, columnNames, schema, watch }: FlowView,
  ownerId: string,
) {
  const copied = freeName(`Copy of ${name}`, await stores.flows.namesOf(ownerId))
  const same = { description, sourceId, destinationId, streams, compare, columnNames, schema, watch }
  return { ...same, name: copied, schedule: null, again: false }
}
