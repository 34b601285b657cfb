import type { DataRecord } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import type {
  Batch,
  Clock,
  Json,
  ReadPurpose,
  Selection,
  StreamReader,
  WriteNotice,
} from '../../src/index.ts'
import { testContext } from '../context.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

/** Our clock, as far from that of the machine as a test wants. */
class ShiftedClock implements Clock {
  shiftMs = 0
  readonly #real = testContext().clock
  now(): number {
    return this.#real.now() + this.shiftMs
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#real.sleep(ms, signal)
  }
}

/** A destination that holds a stream's records by their key, and removes what was deleted. */
export class Mirror {
  readonly #sandbox: Sandbox
  #selection: Selection
  /** Whether it holds back what a comparison would remove. */
  holds = false
  readonly clock = new ShiftedClock()
  readonly records = new Map<string, DataRecord>()
  state: Json | null = null
  /** What the last run brought. */
  read: DataRecord[] = []
  deleted: string[] = []
  notices: WriteNotice[] = []
  comparisons = 0

  constructor(
    sandbox: Sandbox,
    stream: string,
    columns: readonly string[] = [],
    parameters: Selection['parameters'] = {},
  ) {
    this.#sandbox = sandbox
    this.#selection = { stream, mode: 'incremental', columns, parameters }
  }

  /** From the next run on. */
  choose(parameters: Selection['parameters']): void {
    this.#selection = { ...this.#selection, parameters }
  }

  /** Other columns from the next run on; empty: all. */
  pick(columns: readonly string[]): void {
    this.#selection = { ...this.#selection, columns }
  }

  /** How often ids are compared from here on. */
  compare(compareAfterMs: number | null): void {
    this.#selection = { ...this.#selection, compareAfterMs }
  }

  async open(purpose: ReadPurpose = 'run'): Promise<StreamReader> {
    const connector = sandboxConnector(this.#sandbox, { clock: this.clock })
    const source = await connector.openSource?.({}, keyCredential(this.#sandbox), testContext())
    if (source === undefined) throw new Error('the connector has no source')
    return source.open(this.#selection, purpose, new AbortController().signal)
  }

  /** An incremental run. @param most batches before it is cut off; what was taken stays */
  async run(most = Number.POSITIVE_INFINITY): Promise<void> {
    const reader = await this.open()
    Object.assign(this, { read: [], deleted: [], notices: [], comparisons: 0 })
    let batches = 0
    for await (const batch of reader.batches(this.state)) {
      await this.#take(batch)
      // As it is stored between two processes.
      this.state = JSON.parse(JSON.stringify((this.holds && batch.heldPosition) || batch.position))
      batches += 1
      if (batches === most) break
    }
    await reader.close()
  }

  async #take({ records, deleted = [], notices = [], existing }: Batch): Promise<void> {
    for (const record of records) this.records.set(String(record['id']), record)
    for (const id of deleted) this.records.delete(id)
    this.read.push(...records)
    this.deleted.push(...deleted)
    this.notices.push(...notices)
    if (existing === undefined) return
    this.comparisons += 1
    if (this.holds) return
    const there = new Set<string>()
    for await (const ids of existing()) for (const id of ids) there.add(id)
    for (const id of this.records.keys()) if (!there.has(id)) this.records.delete(id)
  }

  ids(): string[] {
    return [...this.records.keys()].sort()
  }
}
