import {
  type FlowListQuery,
  type FlowStreams,
  LatchworkError,
  newId,
  type RunDetails,
  type User,
} from '@latchwork/contract'
import { refuseStale } from '../database/stale.ts'
import { type AccessRules, memberOf, viewerOf } from '../identity/rules.ts'
import { ownerFilter } from '../identity/store/viewing.ts'
import type { JobQueue } from '../jobs/interface.ts'
import type { MemberShares } from '../shares/limits.ts'
import { readAsBefore, requireStreams } from './chosen-streams.ts'
import { refuseRepeating, refuseSchedule } from './repeating.ts'
import type { FlowPermission } from './runs/permission.ts'
import { runDetails } from './runs/runs.ts'
import type { FlowAlerts } from './runs/telling.ts'
import type { Sides } from './sides/sides.ts'
import type { FlowStore, FlowView } from './store/flows.ts'
import type { RecordStore } from './store/run-records.ts'
import type { RunRow } from './store/run-row.ts'
import type { RunStore } from './store/runs.ts'
import { type FlowDetails, flowView } from './view.ts'

export interface FlowParts {
  readonly stores: {
    readonly flows: FlowStore
    readonly runs: RunStore
    readonly records: Pick<RecordStore, 'chooseForReplay'>
    now(): Promise<Date>
  }
  readonly rules: AccessRules
  readonly sources: Sides
  readonly destinations: Sides
  readonly jobs: Pick<JobQueue, 'enqueue'>
  readonly limits: Pick<MemberShares, 'runs'>
  readonly permission: FlowPermission
  readonly flowAlerts: Pick<FlowAlerts, 'late'>
}

interface NewFlow {
  readonly name: string
  readonly description: string
  readonly sourceId: string
  readonly destinationId: string
  readonly streams: FlowStreams | null
  readonly scheduleMinutes: number | null
  /** Agreed to: see `repeat_creates`. */
  readonly again: boolean
}

const flowsAtOnce = 50

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
    return { items: items.map(flowView), nextCursor, total }
  }

  async get(id: string): Promise<FlowDetails> {
    return flowView(await this.#find(id))
  }

  /** @throws {LatchworkError} `source_not_found`, `destination_not_found`, `forbidden`, `repeat_creates`, `streams_not_chosen`, `invalid_input` */
  async create({ again, ...input }: NewFlow, owner: User): Promise<FlowDetails> {
    const { rules } = this.#parts
    await rules.require(memberOf(owner), 'collaborator', { kind: 'source', id: input.sourceId })
    await rules.require(memberOf(owner), 'collaborator', { kind: 'destination', id: input.destinationId })
    await this.#parts.permission.requireCredentials(owner, [
      await this.#parts.sources.find(input.sourceId),
      await this.#parts.destinations.find(input.destinationId),
    ])
    if (input.scheduleMinutes !== null && !again)
      await refuseSchedule(this.#parts, { ...input, ownerId: owner.id })
    await requireStreams(this.#parts, input)
    const nextRunAt = await this.#nextRunAt(input.scheduleMinutes)
    const { stores } = this.#parts
    return flowView(await stores.flows.insert({ ...input, id: newId('flow'), ownerId: owner.id, nextRunAt }))
  }

  /**
   * @throws {LatchworkError} `access_withdrawn`, `credential_failed` or `file_not_found` for one that is to be resumed and
   * can't; `repeat_creates` for a new schedule; `streams_not_chosen`, `invalid_input` for other streams;
   * `conflict`
   */
  async update(
    id: string,
    change: {
      readonly name?: string | undefined
      readonly description?: string | undefined
      readonly streams?: FlowStreams | null | undefined
      readonly scheduleMinutes?: number | null | undefined
      readonly paused?: false | undefined
      readonly again?: boolean | undefined
      readonly was?: Readonly<Record<string, unknown>> | undefined
    },
  ): Promise<FlowDetails> {
    const before = await this.#find(id)
    refuseStale({ ...before }, change.was)
    const { name, description, streams, again = false } = change
    const isRescheduled = (change.scheduleMinutes ?? before.scheduleMinutes) !== before.scheduleMinutes
    if (isRescheduled && !again) await refuseSchedule(this.#parts, before)
    if (change.streams !== undefined)
      await requireStreams(this.#parts, { ...before, streams: change.streams })
    const resumes =
      before.paused !== null && (change.paused === false || change.scheduleMinutes !== undefined)
    if (resumes) await this.#requireReady(before)
    const scheduleMinutes =
      change.scheduleMinutes ?? (resumes ? before.scheduleMinutes : change.scheduleMinutes)
    const view = await this.#parts.stores.flows.update(id, {
      name,
      description,
      streams,
      ...(scheduleMinutes === undefined
        ? {}
        : { scheduleMinutes, nextRunAt: await this.#nextRunAt(scheduleMinutes) }),
      ...(resumes ? { paused: null } : {}),
    })
    if (view === null) throw new LatchworkError('flow_not_found')
    if (streams !== undefined) {
      const kept = readAsBefore(before.streams, streams)
      if (kept !== null) await this.#parts.stores.runs.forgetStates(id, kept)
    }
    return flowView(view)
  }

  /** @throws {LatchworkError} `run_active` */
  async delete(id: string): Promise<void> {
    await this.#find(id)
    await this.#parts.stores.flows.erase(id)
  }

  /**
   * Queues a run, and resumes a flow that was paused.
   * @param again it may make records that its last run has made already
   * @throws {LatchworkError} `flow_not_found`, `run_active`, `access_withdrawn`, `repeat_creates`; for a paused one as `update`
   */
  async run(id: string, startedBy: string, again: boolean): Promise<RunDetails> {
    await this.#parts.permission.require(id)
    const flow = await this.#find(id)
    if (!again) await refuseRepeating(this.#parts, flow)
    if (flow.paused !== null) await this.update(id, { paused: false })
    return this.#queue(id, startedBy, { again })
  }

  /**
   * Queues a run that writes what an earlier run's destination refused.
   * @param positions in its quarantine; null: all
   * @throws {LatchworkError} `nothing_to_replay`, `replay_unsupported`; and as `run`
   */
  async replay(
    { id: replayOf, flowId }: Pick<RunRow, 'id' | 'flowId'>,
    positions: readonly number[] | null,
    startedBy: string,
  ): Promise<RunDetails> {
    const { permission, stores, destinations } = this.#parts
    await permission.require(flowId)
    const flow = await this.#find(flowId)
    if (!(await destinations.takesSingleRecords(flow.destinationId))) {
      throw new LatchworkError('replay_unsupported')
    }
    if (((await stores.runs.heldStreams(replayOf)) ?? []).length > 1) {
      throw new LatchworkError('replay_unsupported', {
        message:
          'This run moved several streams, and their refused records can be looked at, but not replayed. Fix them in the source and run the flow again.',
      })
    }
    if (flow.paused !== null) await this.update(flowId, { paused: false })
    const run = await this.#queue(flowId, startedBy, { replayOf })
    const recordsExpected = await stores.records.chooseForReplay(replayOf, run.id, positions)
    if (recordsExpected === 0) throw new LatchworkError('nothing_to_replay')
    await stores.runs.setActivity({ id: run.id, attempt: 0 }, run.activity, recordsExpected)
    return { ...run, recordsExpected }
  }

  /** @throws {LatchworkError} `access_withdrawn`, `credential_failed`, `file_not_found` */
  async #requireReady({ id, ownerId, sourceId, destinationId }: FlowView): Promise<void> {
    const { permission, sources, destinations } = this.#parts
    await permission.require(id)
    await sources.requireReady(sourceId, ownerId)
    await destinations.requireReady(destinationId, ownerId)
  }

  async #queue(
    id: string,
    startedBy: string | null,
    { replayOf = null, again = false }: { readonly replayOf?: string | null; readonly again?: boolean } = {},
  ): Promise<RunDetails> {
    const { ownerId } = await this.#find(id)
    const { runs } = this.#parts.stores
    const row = await runs.insert({ id: newId('run'), flowId: id, startedBy, replayOf, again })
    const run = runDetails(row)
    const place = (await runs.line(ownerId)).find((other) => other.id === run.id)
    if (place !== undefined && !this.#isNear(place)) {
      const activity = `Waits for a free place: ${place.before} runs of this flow's owner come before it.`
      await runs.setActivity(row, activity)
      return { ...run, activity }
    }
    await this.#enqueue(run.id)
    return run
  }

  /** Queues the runs that are due, and runs without a job, whose process ended before it queued them. */
  async runDue(signal: AbortSignal): Promise<void> {
    const { stores, flowAlerts } = this.#parts
    for (const flow of await stores.flows.missed()) {
      const due = flow.nextRunAt === null ? '' : ` on ${shortTime(flow.nextRunAt)}`
      await flowAlerts.late(
        flow,
        `It should have run${due}, and did not before its next time. It begins now.`,
      )
    }
    for (;;) {
      const due = await stores.flows.takeDue(flowsAtOnce)
      for (const flow of due) {
        signal.throwIfAborted()
        // A run that was to be tried again goes on in the place of a new one.
        if (await stores.runs.hastenRetry(flow.id)) continue
        await this.#queue(flow.id, null).catch(async (error: unknown) => {
          // A run that takes longer than its schedule goes on; a flow deleted just now needs none.
          if (isCode(error, 'run_active')) {
            await flowAlerts.late(
              flow,
              'Its last run has not ended, and the next one should have begun. It goes on.',
            )
          } else if (!isCode(error, 'flow_not_found')) throw error
        })
      }
      if (due.length < flowsAtOnce) break
    }
    await stores.runs.queueRetries()
    await this.enqueueLine(null)
  }

  /**
   * Queues the runs that may begin, and the next ones. Further runs of the same owner get no job yet, since they would
   * occupy the workers that others need.
   * @param ownerId null: of everybody
   */
  async enqueueLine(ownerId: string | null): Promise<void> {
    const line = await this.#parts.stores.runs.line(ownerId)
    for (const { id } of line.filter((run) => this.#isNear(run))) await this.#enqueue(id)
  }

  #isNear({ status, before }: { readonly status: string; readonly before: number }): boolean {
    return status === 'running' || before < 2 * this.#parts.limits.runs
  }

  /** A run has at most one job, however often it is queued. */
  async #enqueue(runId: string): Promise<void> {
    await this.#parts.jobs.enqueue('run', { runId }, { key: runId })
  }

  async #find(id: string): Promise<FlowView> {
    const row = await this.#parts.stores.flows.find(id)
    if (row === null) throw new LatchworkError('flow_not_found')
    return row
  }

  async #nextRunAt(scheduleMinutes: number | null): Promise<number | null> {
    if (scheduleMinutes === null) return null
    const now = await this.#parts.stores.now()
    return now.getTime() + scheduleMinutes * 60_000
  }
}

/** In UTC: an alert is read in any time zone. */
function shortTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace('T', ' at ')} UTC`
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof LatchworkError && error.code === code
}
