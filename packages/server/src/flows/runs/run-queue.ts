import { counted, LatchworkError, newId, type RunDetails, type RunScope } from '@latchwork/contract'
import type { JobQueue } from '../../jobs/interface.ts'
import type { MemberShares } from '../../shares/limits.ts'
import type { FlowStore } from '../store/flows.ts'
import type { RunStore } from '../store/runs.ts'
import { runDetails } from './runs.ts'
import type { FlowAlerts } from './telling.ts'

export interface RunQueueParts {
  readonly stores: { readonly flows: FlowStore; readonly runs: RunStore }
  readonly jobs: Pick<JobQueue, 'enqueue'>
  readonly limits: Pick<MemberShares, 'runs'>
  readonly flowAlerts: Pick<FlowAlerts, 'late'>
}

const flowsAtOnce = 50

/** What a run is asked for beyond what its flow says. */
interface Asked {
  readonly replayOf?: string | null
  readonly scope?: RunScope | null
  readonly again?: boolean
}

/** Runs that wait for their turn, and those that are due. */
export class RunQueue {
  readonly #parts: RunQueueParts

  constructor(parts: RunQueueParts) {
    this.#parts = parts
  }

  /** Adds a run of a flow. @throws LatchworkError `flow_not_found`, `run_active`, `repeat_creates` */
  async add(
    id: string,
    startedBy: string | null,
    { replayOf = null, scope = null, again = false }: Asked = {},
  ): Promise<RunDetails> {
    const flow = await this.#parts.stores.flows.find(id)
    if (flow === null) throw new LatchworkError('flow_not_found')
    const { runs } = this.#parts.stores
    const row = await runs.insert({ id: newId('run'), flowId: id, startedBy, replayOf, scope, again })
    const run = runDetails(row)
    const place = (await runs.line(flow.ownerId)).find((other) => other.id === run.id)
    if (place !== undefined && !this.#isNear(place)) {
      const activity = `Waits for a free place: ${counted(place.before, 'run')} of this flow's owner ${place.before === 1 ? 'comes' : 'come'} before it.`
      await runs.setActivity(row, activity)
      return { ...run, activity }
    }
    await this.#enqueue(run.id)
    return run
  }

  /** Queues the runs that are due, and runs without a job, whose process ended before it queued them. */
  async runDue(signal: AbortSignal): Promise<void> {
    const { stores, flowAlerts } = this.#parts
    await stores.flows.followClock()
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
        await this.add(flow.id, null).catch(async (error: unknown) => {
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
}

/** In UTC: an alert is read in any time zone. */
function shortTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace('T', ' at ')} UTC`
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof LatchworkError && error.code === code
}
