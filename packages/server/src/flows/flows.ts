import { isDeepStrictEqual } from 'node:util'
import type { Connector } from '@latchwork/connectors'
import {
  type ColumnNaming,
  type Comparison,
  type FlowListQuery,
  type FlowOverlaps,
  type FlowStreams,
  type FlowWatch,
  invalidField,
  LatchworkError,
  newId,
  nextRunOf,
  type Schedule,
  type User,
  withTargets,
} from '@latchwork/contract'
import type { Paused } from '../database/flow-tables.ts'
import { refuseStale } from '../database/stale.ts'
import { type AccessRules, memberOf, viewerOf } from '../identity/rules.ts'
import { ownerFilter } from '../identity/store/viewing.ts'
import { requireSchema, requireStreams } from './chosen-streams.ts'
import { changeSides, copyOf, type OtherSides } from './life.ts'
import { overlapsOf } from './overlaps.ts'
import { refuseSchedule } from './repeating.ts'
import type { FlowPermission } from './runs/permission.ts'
import type { Sides } from './sides/sides.ts'
import type { FlowStore, FlowView } from './store/flows.ts'
import { pausedByHand } from './store/pauses.ts'
import type { RunStore } from './store/runs.ts'
import { type FlowDetails, flowView, stripRun } from './view.ts'

export interface FlowParts {
  readonly stores: {
    readonly flows: FlowStore
    readonly runs: RunStore
    now(): Promise<Date>
  }
  readonly rules: AccessRules
  readonly sources: Sides
  readonly destinations: Sides
  readonly permission: FlowPermission
  readonly connectors: ReadonlyMap<string, Connector>
}

interface NewFlow {
  readonly name: string
  readonly description: string
  readonly sourceId: string
  readonly destinationId: string
  readonly streams: FlowStreams | null
  readonly compare?: Comparison | undefined
  readonly watch?: FlowWatch | undefined
  readonly columnNames: ColumnNaming
  readonly schema: string | null
  readonly schedule?: Schedule | null | undefined
  readonly scheduleMinutes?: number | null | undefined
  /** Agreed to: see `repeat_creates`. */
  readonly again: boolean
}

/** Flows: a source feeding a destination, by hand or on a schedule. */
export class Flows {
  readonly #parts: FlowParts

  constructor(parts: FlowParts) {
    this.#parts = parts
  }

  /** @throws {LatchworkError} `source_not_found` and its like for one that is asked by and that the person may not see */
  async list(query: FlowListQuery, user: User) {
    const { sourceId, destinationId, credentialId } = query
    const asked = { source: sourceId, destination: destinationId, credential: credentialId }
    for (const kind of ['source', 'destination', 'credential'] as const) {
      const id = asked[kind]
      if (id !== undefined) await this.#parts.rules.require(memberOf(user), 'collaborator', { kind, id })
    }
    const { items, nextCursor, total } = await this.#parts.stores.flows.list(
      { ...query, ...ownerFilter(query.owner, user.id) },
      viewerOf(user),
    )
    const recent = await this.#parts.stores.flows.recentRuns(items.map(({ id }) => id))
    const shown = await this.#shown(items, user)
    return {
      items: shown.map((flow) => ({ ...flow, recentRuns: (recent.get(flow.id) ?? []).map(stripRun) })),
      nextCursor,
      total,
    }
  }

  async get(id: string, user: User): Promise<FlowDetails> {
    const [flow] = await this.#shown([await this.find(id)], user)
    if (flow === undefined) throw new LatchworkError('flow_not_found')
    return flow
  }

  /** Names a failed credential only to who may see it. */
  async #shown(rows: readonly FlowView[], user: User): Promise<FlowDetails[]> {
    const failed = rows.flatMap(({ failedCredentials }) => failedCredentials)
    const seen = await this.#parts.rules.seen(
      user,
      failed.map(({ id }) => ({ kind: 'credential', id })),
    )
    return rows.map((row) => flowView(row, seen))
  }

  /**
   * @throws {LatchworkError} `source_not_found`, `destination_not_found`, `forbidden`, `repeat_creates`,
   * `streams_not_chosen`, `invalid_input`
   */
  async create(given: NewFlow, owner: User): Promise<FlowDetails> {
    const { rules } = this.#parts
    const {
      again,
      scheduleMinutes: _,
      ...input
    } = {
      ...given,
      ...{ schedule: chosenSchedule(given) ?? null, streams: withTargets(given.streams, new Map()) },
    }
    await rules.require(memberOf(owner), 'collaborator', { kind: 'source', id: input.sourceId })
    await rules.require(memberOf(owner), 'collaborator', { kind: 'destination', id: input.destinationId })
    await this.#parts.permission.requireCredentials(owner, [
      await this.#parts.sources.find(input.sourceId),
      await this.#parts.destinations.find(input.destinationId),
    ])
    if (input.schedule !== null && !again) await refuseSchedule(this.#parts, { ...input, ownerId: owner.id })
    await requireStreams(this.#parts, input)
    await requireSchema(this.#parts, input)
    const nextRunAt = await this.#nextRunAt(input.schedule)
    const { stores } = this.#parts
    return flowView(await stores.flows.insert({ ...input, id: newId('flow'), ownerId: owner.id, nextRunAt }))
  }

  /** @throws {LatchworkError} `conflict` if the flow is no longer as somebody saw it */
  async requireSeen(id: string, was: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    const { sourceId, destinationId, ...row } = await this.find(id)
    refuseStale({ ...flowView({ sourceId, destinationId, ...row }), sourceId, destinationId }, was)
  }

  /**
   * @param by the name of who changes it
   * @throws {LatchworkError} `access_withdrawn`, `credential_failed` or `file_not_found` for one that is to be resumed and
   * can't; `repeat_creates` for a new schedule; `streams_not_chosen`, `invalid_input` for other streams
   */
  async update(
    id: string,
    change: {
      readonly name?: string | undefined
      readonly description?: string | undefined
      readonly streams?: FlowStreams | null | undefined
      readonly compare?: Comparison | undefined
      readonly watch?: FlowWatch | undefined
      readonly schedule?: Schedule | null | undefined
      readonly scheduleMinutes?: number | null | undefined
      readonly paused?: boolean | undefined
      readonly again?: boolean | undefined
    },
    by: string,
  ): Promise<FlowDetails> {
    const before = await this.find(id)
    const { name, description, compare, watch, again = false } = change
    const streams =
      change.streams && withTargets(change.streams, await this.#parts.stores.flows.targetsOf(id))
    const given = chosenSchedule(change)
    const schedule = given === undefined ? before.schedule : given
    const isNew = !isDeepStrictEqual(schedule, before.schedule)
    if (isNew && schedule !== null && !again) await refuseSchedule(this.#parts, before)
    if (streams !== undefined) await requireStreams(this.#parts, { ...before, streams })
    const resumes =
      before.paused !== null && (change.paused === false || (given !== undefined && !isByHand(before.paused)))
    if (resumes) await this.#requireReady(before)
    const pauses = before.paused === null && change.paused === true
    const paused = pauses ? await this.#pausedBy(by) : resumes ? null : before.paused
    const view = await this.#parts.stores.flows.update(id, {
      name,
      description,
      streams,
      compare,
      watch,
      ...(given === undefined ? {} : { schedule }),
      ...(pauses || resumes ? { paused } : {}),
      ...(isNew || pauses || resumes
        ? { nextRunAt: paused === null ? await this.#nextRunAt(schedule) : null }
        : {}),
    })
    if (view === null) throw new LatchworkError('flow_not_found')
    if (streams !== undefined && !isDeepStrictEqual(streams, before.streams))
      await this.#parts.stores.runs.forgetUnknownStates(id)
    return flowView(view)
  }

  /** @throws {LatchworkError} as `changeSides` of `life.ts` */
  async changeSides(id: string, change: OtherSides, user: User): Promise<void> {
    await changeSides(this.#parts, await this.find(id), change, user)
  }

  /** A copy that is the person's own, and runs by hand until it is given a schedule. @throws {LatchworkError} as `create` */
  async duplicate(id: string, name: string | undefined, owner: User): Promise<FlowDetails> {
    const copy = await copyOf(this.#parts, await this.find(id), owner.id)
    return this.create({ ...copy, name: name ?? copy.name }, owner)
  }

  async overlaps(id: string, user: User): Promise<FlowOverlaps> {
    return overlapsOf(this.#parts, id, user)
  }

  /** @throws {LatchworkError} `run_active` */
  async delete(id: string): Promise<void> {
    await this.find(id)
    await this.#parts.stores.flows.erase(id)
  }

  /** Where somebody has paused it, only its schedule stands still: a run by hand leaves it so. */
  async resume({ id, paused }: FlowView, by: string): Promise<void> {
    if (paused !== null && !isByHand(paused)) await this.update(id, { paused: false }, by)
  }

  /** @throws {LatchworkError} `access_withdrawn`, `credential_failed`, `file_not_found` */
  async #requireReady({ id, ownerId, sourceId, destinationId }: FlowView): Promise<void> {
    const { permission, sources, destinations } = this.#parts
    await permission.require(id)
    await sources.requireReady(sourceId, ownerId)
    await destinations.requireReady(destinationId, ownerId)
  }

  /** @throws {LatchworkError} `flow_not_found` */
  async find(id: string): Promise<FlowView> {
    const row = await this.#parts.stores.flows.find(id)
    if (row === null) throw new LatchworkError('flow_not_found')
    return row
  }

  async #pausedBy(name: string): Promise<Paused> {
    const at = (await this.#parts.stores.now()).getTime()
    return {
      code: pausedByHand,
      message: `${name} paused this flow. It runs only when somebody runs it.`,
      at,
    }
  }

  async #nextRunAt(schedule: Schedule | null): Promise<number | null> {
    if (schedule === null) return null
    const now = await this.#parts.stores.now()
    return nextRunOf(schedule, now.getTime())
  }
}

/**
 * The schedule that was given, in the old words or the new; undefined: none.
 * @throws {LatchworkError} `invalid_input` for both
 */
function chosenSchedule({
  schedule,
  scheduleMinutes,
}: {
  readonly schedule?: Schedule | null | undefined
  readonly scheduleMinutes?: number | null | undefined
}): Schedule | null | undefined {
  if (scheduleMinutes === undefined) return schedule
  if (schedule !== undefined)
    throw invalidField('schedule', 'form', 'is given twice: leave scheduleMinutes out')
  return scheduleMinutes === null ? null : { kind: 'every', minutes: scheduleMinutes }
}

function isByHand({ code }: Paused): boolean {
  return code === pausedByHand
}
