import {
  type DataRecord,
  type DoubtDecision,
  type DoubtSearch,
  LatchworkError,
  recordName,
  recordSchema,
  type User,
} from '@latchwork/contract'
import { access, type PreviewParts, withinLimit } from '../sides/looking.ts'
import type { FlowStore } from '../store/flows.ts'
import type { RecordStore } from '../store/run-records.ts'
import type { RunRow } from '../store/run-row.ts'
import type { RunStore } from '../store/runs.ts'
import type { SideStore } from '../store/sides.ts'
import type { PlacedRefusal, RetainedRecords } from './retained-records.ts'

export interface DoubtParts {
  readonly stores: {
    readonly flows: Pick<FlowStore, 'find'>
    readonly sides: Pick<SideStore, 'find'>
    readonly records: Pick<RecordStore, 'drop' | 'replaceReason'>
    readonly runs: Pick<RunStore, 'isUnderWay' | 'decide' | 'ledgerKnown'>
  }
  readonly records: Pick<RetainedRecords, 'one' | 'last' | 'sealer'>
  /** For looking into the destination. */
  readonly looking: PreviewParts
}

type OfFlow = Pick<RunRow, 'id' | 'flowId'>

/** Refused as a record is that a replay may write: what was looked for by hand, and is not there. */
const notThere =
  'Its answer was lost, and somebody has looked since and said that it is not there. A replay sends it again.'

/** Records of which nobody could tell whether they were created: a person looks for them, and decides. */
export class DoubtfulRecords {
  readonly #parts: DoubtParts

  constructor(parts: DoubtParts) {
    this.#parts = parts
  }

  /**
   * Looks in the destination, by the values of the record.
   * @param user who may use the destination's credential
   * @throws {LatchworkError} `record_not_found`, `record_unreadable`, `record_not_in_doubt`, `forbidden`, and the failures
   * of a preview; `replay_unsupported` where the destination can't be searched
   */
  async find(run: OfFlow, id: string, user: User): Promise<DoubtSearch> {
    const { stores, records, looking } = this.#parts
    const found = await this.#doubtful(run.id, id)
    const flow = await stores.flows.find(run.flowId)
    const side = flow === null ? null : await stores.sides.find(flow.destinationId)
    if (side === null) throw new LatchworkError('record_not_found')
    const { columns } = await records.last(run.id, found.stream)
    const { by, items, more } = await withinLimit(async (signal) => {
      const { connector, credential } = await access(looking, 'destination', side, user, signal)
      if (connector.findCreated === undefined) throw new LatchworkError('replay_unsupported')
      const dataset = { columns, key: null, ordered: true, records: [recordOf(found)] }
      return connector.findCreated(side.config, credential, { signal }, dataset)
    })
    const keys = items.map(({ key }) => key)
    const taken = await stores.runs.ledgerKnown(run, keys)
    return {
      by: [...by],
      items: items.map((item) => ({ ...item, name: recordName(item.record), taken: taken.has(item.key) })),
      more,
    }
  }

  /**
   * It is there: it counts as created, and leaves the quarantine. It is not: a replay sends it, once more.
   * @returns whether it stays in quarantine
   * @throws {LatchworkError} `record_not_found`, `record_unreadable`, `record_not_in_doubt`, `run_active`; `record_taken`
   * for a key that belongs to another record of the flow
   */
  async decide(run: OfFlow, id: string, decision: DoubtDecision): Promise<boolean> {
    const { stores, records } = this.#parts
    const found = await this.#doubtful(run.id, id)
    const { position, entry } = found
    if (await stores.runs.isUnderWay(run.flowId)) {
      throw new LatchworkError('run_active', {
        message:
          'A run of this flow is under way, which may look for the record itself. Wait until it has finished.',
      })
    }
    if (decision.there) {
      const { key } = decision
      const taken = await stores.runs.ledgerKnown(run, [key])
      if (taken.has(key)) throw new LatchworkError('record_taken')
    }
    if (entry !== null && entry !== '') {
      await stores.runs.decide(run.flowId, entry, decision.there ? decision.key : null)
    }
    if (decision.there) {
      await stores.records.drop(run.id, [position])
      return false
    }
    const sealer = await records.sealer(run.id)
    const reason = sealer.reason(found, {
      ...found,
      code: 'record_refused',
      message: notThere,
      entry: entry || null,
    })
    await stores.records.replaceReason(run.id, position, reason)
    return true
  }

  async #doubtful(runId: string, id: string): Promise<PlacedRefusal> {
    const found = await this.#parts.records.one(runId, /^\d{1,9}$/.test(id) ? Number(id) : 0)
    if (found === null) throw new LatchworkError('record_not_found')
    if (found.code === 'record_unreadable') throw new LatchworkError('record_unreadable')
    if (found.code !== 'record_in_doubt') throw new LatchworkError('record_not_in_doubt')
    return found
  }
}

function recordOf({ record }: Pick<PlacedRefusal, 'record'>): DataRecord {
  return recordSchema.catch({}).parse(record)
}
