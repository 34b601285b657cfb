import { counted, heldBack, newId } from '@latchwork/contract'
import type { AlertStore, NewAlert } from '../../alerts/store.ts'
import type { FlowStore } from '../store/flows.ts'
import type { RunRow } from '../store/run-row.ts'
import type { RunStore } from '../store/runs.ts'
import type { FlowWatcher, WatchedFlow } from './watching.ts'

/** What an alert about a flow says of it. */
export interface AlertedFlow {
  readonly id: string
  readonly name: string
  readonly ownerId: string
}

type Trouble = 'failed' | 'partial' | 'late'

/**
 * Tells a flow's owner when it fails, writes only a part, or is late, and when it goes again. A row of failures is told
 * once, at its beginning. What is strange about a run that came to its end is told too. A replay and a
 * backfill tell nothing: whoever began them looks on.
 */
export class FlowAlerts {
  readonly #alerts: Pick<AlertStore, 'raise' | 'clearAll'>

  readonly #watcher: Pick<FlowWatcher, 'ended'>

  constructor(alerts: Pick<AlertStore, 'raise' | 'clearAll'>, watcher: Pick<FlowWatcher, 'ended'>) {
    this.#alerts = alerts
    this.#watcher = watcher
  }

  /** Within the unit of work that ends the run. */
  async ended(run: RunRow, flow: WatchedFlow): Promise<void> {
    if (run.replayOf !== null || (run.scope?.range ?? null) !== null) return
    await this.#tellEnd(run, flow)
    if (run.status === 'succeeded' || run.status === 'partial') await this.#watcher.ended(run, flow)
  }

  async #tellEnd(run: RunRow, flow: AlertedFlow): Promise<void> {
    switch (run.status) {
      case 'failed': {
        // Its flow was paused, which its owner was told.
        if (run.error?.code === 'access_withdrawn') return
        await this.#alerts.clearAll([conditionOf(flow, 'partial')], null)
        const { code, message } = run.error ?? { code: null, message: '' }
        const again = run.retryAt === null ? '' : 'It is tried again by itself, from where it stopped.'
        const text = [message, countsOf(run), again].filter((part) => part !== '').join(' ')
        await this.#raise(flow, 'failed', alertOf(flow, 'flow_failed', `“${flow.name}” failed`, text, code))
        return
      }
      case 'partial': {
        // It has run, so it is late no more.
        await this.#alerts.clearAll([conditionOf(flow, 'failed'), conditionOf(flow, 'late')], null)
        const title = `“${flow.name}” wrote only a part`
        const refused = 'They are in the quarantine of its run: put them right there and replay them.'
        const held =
          'More than half of what a comparison looked at seems gone from the source, so nothing was deleted: say on the page of its run whether that is right.'
        const text = [
          run.error?.message ?? '',
          countsOf(run),
          run.recordsRefused > 0 ? refused : '',
          heldBack(run).length > 0 ? held : '',
        ]
          .filter((part) => part !== '')
          .join(' ')
        await this.#raise(flow, 'partial', alertOf(flow, 'flow_partial', title, text))
        return
      }
      case 'succeeded': {
        const all = (['failed', 'partial', 'late'] as const).map((each) => conditionOf(flow, each))
        const text = `Its last run has written everything that it read: ${counted(run.recordsWritten, 'record')}.`
        await this.#alerts.clearAll(all, alertOf(flow, 'flow_recovered', `“${flow.name}” works again`, text))
        return
      }
    }
  }

  /** @param why a sentence */
  async late(flow: AlertedFlow, why: string): Promise<void> {
    await this.#raise(flow, 'late', alertOf(flow, 'flow_late', `“${flow.name}” is late`, why))
  }

  async #raise(flow: AlertedFlow, trouble: Trouble, alert: NewAlert): Promise<void> {
    await this.#alerts.raise(conditionOf(flow, trouble), alert)
  }
}

/** Runs whose end is told in the transaction that ends them. */
export function runsWithAlerts(
  {
    runs,
    flows,
    commit,
  }: {
    readonly runs: RunStore
    readonly flows: Pick<FlowStore, 'find'>
    commit<T>(work: () => Promise<T>): Promise<T>
  },
  flowAlerts: Pick<FlowAlerts, 'ended'>,
): RunStore {
  return {
    ...runs,
    finish: (...end: Parameters<RunStore['finish']>) =>
      commit(async () => {
        await runs.finish(...end)
        const run = await runs.find(end[0].id)
        const flow = run === null ? null : await flows.find(run.flowId)
        if (run !== null && flow !== null) await flowAlerts.ended(run, flow)
      }),
  }
}

function conditionOf({ id }: AlertedFlow, trouble: Trouble): string {
  return `flow-${trouble}:${id}`
}

function countsOf({ recordsRead, recordsWritten, recordsRefused }: RunRow): string {
  if (recordsRead === 0) return ''
  const refused = recordsRefused === 0 ? '' : `, ${recordsRefused.toLocaleString('en')} refused`
  return `${counted(recordsRead, 'record')} read, ${recordsWritten.toLocaleString('en')} written${refused}.`
}

function alertOf(
  { id: flowId, ownerId }: AlertedFlow,
  kind: NewAlert['kind'],
  title: string,
  message: string,
  code: string | null = null,
): NewAlert {
  return { id: newId('alert'), kind, credentialId: null, flowId, ownerId, code, title, message }
}
