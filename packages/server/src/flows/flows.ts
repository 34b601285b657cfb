import {
  type Flow,
  type FlowListQuery,
  LatchworkError,
  newId,
  type RunDetails,
  type User,
} from '@latchwork/contract'
import { toTime, toTimeOrNull } from '../database/columns.ts'
import { type AccessRules, memberOf, viewerOf } from '../identity/rules.ts'
import type { JobQueue } from '../jobs/interface.ts'
import type { MemberShares } from '../shares/limits.ts'
import type { FlowPermission } from './runs/permission.ts'
import { runDetails } from './runs/runs.ts'
import type { Sides } from './sides/sides.ts'
import type { FlowStore, FlowView } from './store/flows.ts'
import type { RunStore } from './store/runs.ts'

export interface FlowParts {
  readonly stores: { readonly flows: FlowStore; readonly runs: RunStore; now(): Promise<Date> }
  readonly rules: AccessRules
  readonly sources: Sides
  readonly destinations: Sides
  readonly jobs: Pick<JobQueue, 'enqueue'>
  readonly limits: Pick<MemberShares, 'runs'>
  readonly permission: FlowPermission
}

interface NewFlow {
  readonly name: string
  readonly description: string
  readonly sourceId: string
  readonly destinationId: string
  readonly scheduleMinutes: number | null
}

/** A flow as the page sees it, without the caller's role. */
export type FlowDetails = Omit<Flow, 'yourRole'>

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
    const { items, nextCursor, total } = await this.#parts.stores.flows.list(query, viewerOf(user))
    return { items: items.map(flowView), nextCursor, total }
  }

  async get(id: string): Promise<FlowDetails> {
    return flowView(await this.#find(id))
  }

  /** @throws {LatchworkError} `source_not_found`, `destination_not_found`, `forbidden` */
  async create(input: NewFlow, owner: User): Promise<FlowDetails> {
    const { rules } = this.#parts
    await rules.require(memberOf(owner), 'collaborator', { kind: 'source', id: input.sourceId })
    await rules.require(memberOf(owner), 'collaborator', { kind: 'destination', id: input.destinationId })
    await this.#parts.permission.requireCredentials(owner, [
      await this.#parts.sources.find(input.sourceId),
      await this.#parts.destinations.find(input.destinationId),
    ])
    const nextRunAt = await this.#nextRunAt(input.scheduleMinutes)
    const { stores } = this.#parts
    return flowView(await stores.flows.insert({ ...input, id: newId('flow'), ownerId: owner.id, nextRunAt }))
  }

  /** @throws {LatchworkError} `access_withdrawn`, `credential_failed` or `file_not_found` for one that is to be resumed and can't */
  async update(
    id: string,
    change: {
      readonly name?: string | undefined
      readonly description?: string | undefined
      readonly scheduleMinutes?: number | null | undefined
      readonly paused?: false | undefined
    },
  ): Promise<FlowDetails> {
    const before = await this.#find(id)
    const { name, description } = change
    const resumes =
      before.paused !== null && (change.paused === false || change.scheduleMinutes !== undefined)
    if (resumes) await this.#requireReady(before)
    const scheduleMinutes =
      change.scheduleMinutes ?? (resumes ? before.scheduleMinutes : change.scheduleMinutes)
    const view = await this.#parts.stores.flows.update(id, {
      name,
      description,
      ...(scheduleMinutes === undefined
        ? {}
        : { scheduleMinutes, nextRunAt: await this.#nextRunAt(scheduleMinutes) }),
      ...(resumes ? { paused: null } : {}),
    })
    if (view === null) throw new LatchworkError('flow_not_found')
    return flowView(view)
  }

  /** @throws {LatchworkError} `run_active` */
  async delete(id: string): Promise<void> {
    await this.#find(id)
    await this.#parts.stores.flows.erase(id)
  }

  /** Queues a run, and resumes a flow that was paused. @throws {LatchworkError} `flow_not_found`, `run_active`, `access_withdrawn`; for a paused one as `update` */
  async run(id: string, startedBy: string): Promise<RunDetails> {
    await this.#parts.permission.require(id)
    if ((await this.#find(id)).paused !== null) await this.update(id, { paused: false })
    return this.#queue(id, startedBy)
  }

  /** @throws {LatchworkError} `access_withdrawn`, `credential_failed`, `file_not_found` */
  async #requireReady({ id, ownerId, sourceId, destinationId }: FlowView): Promise<void> {
    const { permission, sources, destinations } = this.#parts
    await permission.require(id)
    await sources.requireReady(sourceId, ownerId)
    await destinations.requireReady(destinationId, ownerId)
  }

  async #queue(id: string, startedBy: string | null): Promise<RunDetails> {
    const { ownerId } = await this.#find(id)
    const { runs } = this.#parts.stores
    const run = runDetails(await runs.insert({ id: newId('run'), flowId: id, startedBy }))
    const place = (await runs.line(ownerId)).find((other) => other.id === run.id)
    if (place !== undefined && !this.#isNear(place)) {
      const activity = `Waits for a free place: ${place.before} runs of this flow's owner come before it.`
      await runs.setActivity(run.id, activity)
      return { ...run, activity }
    }
    await this.#enqueue(run.id)
    return run
  }

  /** Queues the runs that are due, and runs without a job, whose process ended before it queued them. */
  async runDue(signal: AbortSignal): Promise<void> {
    const { stores } = this.#parts
    for (;;) {
      const due = await stores.flows.takeDue(flowsAtOnce)
      for (const flow of due) {
        signal.throwIfAborted()
        await this.#queue(flow.id, null).catch((error: unknown) => {
          // A run that takes longer than its schedule continues. A flow that was just deleted needs no run.
          if (!isCode(error, 'run_active') && !isCode(error, 'flow_not_found')) throw error
        })
      }
      if (due.length < flowsAtOnce) break
    }
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

function flowView(row: FlowView): FlowDetails {
  const { ownerId: _ownerId, sourceId: _sourceId, destinationId: _destinationId, ...view } = row
  const { lastRun, paused } = view
  return {
    ...view,
    nextRunAt: toTimeOrNull(view.nextRunAt),
    paused: paused === null ? null : { ...paused, at: toTime(paused.at) },
    lastRun: lastRun === null ? null : runDetails(lastRun),
    createdAt: toTime(view.createdAt),
    updatedAt: toTime(view.updatedAt),
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof LatchworkError && error.code === code
}
