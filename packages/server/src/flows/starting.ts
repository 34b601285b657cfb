import {
  type DayRange,
  LatchworkError,
  type RunDetails,
  type StreamStand,
  starterName,
} from '@latchwork/contract'
import type { Caller } from '../http/caller.ts'
import type { FlowParts, Flows } from './flows.ts'
import { refuseRepeating } from './repeating.ts'
import type { RunQueue } from './runs/run-queue.ts'
import { backfillOf, scopeOf, standsOf } from './scoped-runs.ts'
import type { RecordStore } from './store/run-records.ts'
import type { RunRow } from './store/run-row.ts'

interface StartingParts extends FlowParts {
  readonly stores: FlowParts['stores'] & { readonly records: Pick<RecordStore, 'chooseForReplay'> }
  readonly queue: Pick<RunQueue, 'add'>
}

/** What is kept of who starts a run. */
export function starterOf(caller: Caller): string {
  return starterName(caller.user.name, caller.via === 'token' ? caller.tokenName : null)
}

/** Runs that somebody starts, and what the streams of a flow stand at between them. */
export class Starting {
  readonly #parts: StartingParts
  readonly #flows: Pick<Flows, 'find' | 'resume'>

  constructor(parts: StartingParts, flows: Pick<Flows, 'find' | 'resume'>) {
    this.#parts = parts
    this.#flows = flows
  }

  /**
   * Queues a run, and resumes a flow that was paused.
   * @param asked `again`: it may make records that its last run has made already
   * @throws {LatchworkError} `flow_not_found`, `run_active`, `access_withdrawn`, `repeat_creates`, `invalid_input`; for a
   *   paused one as `update`
   */
  async run(
    id: string,
    startedBy: string,
    {
      again,
      ...asked
    }: {
      readonly again: boolean
      readonly streams?: readonly string[] | undefined
      readonly gone?: boolean
    },
  ): Promise<RunDetails> {
    await this.#parts.permission.require(id)
    const flow = await this.#flows.find(id)
    const scope = scopeOf(flow, asked)
    if (!again) await refuseRepeating(this.#parts, flow)
    await this.#flows.resume(flow, startedBy)
    return this.#parts.queue.add(id, startedBy, { again, scope })
  }

  /** What the next run reads of each stream. @throws {LatchworkError} `flow_not_found` */
  async streams(id: string): Promise<StreamStand[]> {
    return standsOf(this.#parts, await this.#flows.find(id))
  }

  /**
   * Forgets how far these streams were read.
   * @throws {LatchworkError} `flow_not_found`, `run_active`, `invalid_input`
   */
  async reset(id: string, streams: readonly string[]): Promise<StreamStand[]> {
    const flow = await this.#flows.find(id)
    scopeOf(flow, { streams })
    await this.#parts.stores.runs.forgetStates(id, streams)
    return standsOf(this.#parts, flow)
  }

  /**
   * Queues a run that reads some days of a stream again.
   * @throws {LatchworkError} `backfill_unsupported`, and as `run`
   */
  async backfill(id: string, startedBy: string, stream: string, range: DayRange): Promise<RunDetails> {
    await this.#parts.permission.require(id)
    const flow = await this.#flows.find(id)
    const scope = await backfillOf(this.#parts.destinations, flow, stream, range)
    await this.#flows.resume(flow, startedBy)
    return this.#parts.queue.add(id, startedBy, { scope })
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
    const flow = await this.#flows.find(flowId)
    if (!(await destinations.takesSingleRecords(flow.destinationId))) {
      throw new LatchworkError('replay_unsupported')
    }
    await this.#flows.resume(flow, startedBy)
    const run = await this.#parts.queue.add(flowId, startedBy, { replayOf })
    const recordsExpected = await stores.records.chooseForReplay(replayOf, run.id, positions)
    if (recordsExpected === 0) throw new LatchworkError('nothing_to_replay')
    await stores.runs.setActivity({ id: run.id, attempt: 0 }, run.activity, recordsExpected)
    return { ...run, recordsExpected }
  }
}
