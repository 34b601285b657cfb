import {
  type Clock,
  type Connector,
  sentThrough,
  type WatchedCredential,
  watchCredential,
} from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import {
  executeRun,
  failedRun,
  type RunOutcome,
  type RunRequest,
  RunTaken,
  type StreamEnd,
  untilBack,
} from '@latchwork/sync'
import type { HeldAccount } from '../../credentials/records/account-pin.ts'
import type { Credentials } from '../../credentials/service/service.ts'
import type { HeldStream } from '../../database/stream-tables.ts'
import type { DataFolder } from '../../files/data-folder.ts'
import type { Files } from '../../files/files.ts'
import { FilesBeside, fileOfDestination, fileOfSource } from '../../files/for-connector.ts'
import type { FileRow } from '../../files/store.ts'
import type { Job } from '../../jobs/interface.ts'
import type { Logger } from '../../logging/logger.ts'
import type { MemberShares } from '../../shares/limits.ts'
import { inSchema, storedConfig } from '../sides/form.ts'
import { connectorFor } from '../sides/sides.ts'
import type { FlowStore } from '../store/flows.ts'
import { replayRound } from '../store/ledger.ts'
import type { RecordStore } from '../store/run-records.ts'
import type { RunRow } from '../store/run-row.ts'
import type { RunStore } from '../store/runs.ts'
import type { SideKind, SideStore, SideView } from '../store/sides.ts'
import { streamsOfRun } from './choosing.ts'
import { firstWritten } from './first-written.ts'
import { activityWriter, journalOf, ledgerOf, writtenDown } from './journal.ts'
import type { FlowPermission } from './permission.ts'
import { columnPlanner } from './planned-columns.ts'
import { replaySource } from './replay-source.ts'
import type { RetainedRecords } from './retained-records.ts'
import { type RunWaits, retryInMs } from './retrying.ts'
import { together } from './together.ts'

export interface ExecutorParts {
  readonly stores: {
    readonly runs: RunStore
    readonly flows: FlowStore
    readonly sides: SideStore
    readonly records: RecordStore
  }
  readonly records: RetainedRecords
  readonly credentials: Credentials
  readonly permission: FlowPermission
  readonly connectors: ReadonlyMap<string, Connector>
  readonly files: Files
  readonly folder: Pick<DataFolder, 'sweepParts'>
  readonly limits: Pick<MemberShares, 'runs'>
  readonly waits: RunWaits
  /** Told when a run of one of the member's flows has ended. */
  placeFree(ownerId: string): Promise<void>
  readonly clock: Clock
  readonly log: Logger
}

/** How a run ended, whose it was, and which file it wrote if it is one. */
interface Moved {
  readonly outcome: RunOutcome
  readonly written: FileRow | null
  readonly ownerId: string
}

/** So soon a run that waits for a place is looked at again. */
const againInMs = 1000

/** What a run wrote, where it wrote one thing. */
function onlyOutput({ streams }: RunOutcome): StreamEnd['output'] {
  const outputs = [...streams.values()].flatMap((each) => ('output' in each ? [each.output] : []))
  return outputs.length === 1 ? (outputs[0] ?? null) : null
}

/** How many streams of a run are moved side by side. */
const streamsAtOnce = 4

/** Executes runs as the job queue hands them out. */
export class RunExecutor {
  readonly #parts: ExecutorParts
  /** Runs under way in this process: a job may be delivered twice. */
  readonly #underWay = new Set<string>()

  constructor(parts: ExecutorParts) {
    this.#parts = parts
  }

  /**
   * Safe to repeat: a run that has finished is left alone, one that was begun goes on from its checkpoint. One that another
   * process has taken up meanwhile is left to that one.
   */
  async execute({ payload: { runId }, signal, putOff }: Job<'run'>): Promise<void> {
    if (this.#underWay.has(runId)) return
    this.#underWay.add(runId)
    try {
      const row = await this.#start(runId)
      if (row === 'waits') return putOff(againInMs)
      if (row !== null) await this.#finish(row, await this.#move(row, signal), signal)
    } catch (error) {
      if (!(error instanceof RunTaken)) throw error
      this.#parts.log.info({ runId }, 'another process has taken a run up')
    } finally {
      this.#underWay.delete(runId)
    }
  }

  async #finish(row: RunRow, { outcome, written, ownerId }: Moved, signal: AbortSignal): Promise<void> {
    const { stores, permission, clock, waits } = this.#parts
    if (outcome.error?.code === 'access_withdrawn') await permission.pauseIfWithdrawn(row.flowId)
    const output = onlyOutput(outcome)
    const finish = () =>
      stores.runs.finish(
        row,
        outcome.status,
        outcome.error,
        output && { ...output, file: written?.name ?? output.file, fileId: written?.id ?? null },
        retryInMs(row, outcome, waits),
      )
    await untilBack(finish, { clock, waits, signal })
    this.#report(row.id, outcome)
    if (outcome.error === null && outcome.status !== 'cancelled') await stores.runs.sweepLedger(row.flowId)
    else await this.eraseLeft()
    await this.#parts.placeFree(ownerId)
  }

  /**
   * Erases the part files of finished runs. A run that ends before its destination is opened can't erase its own, nor
   * can a killed process.
   */
  async eraseLeft(): Promise<void> {
    try {
      await this.#parts.folder.sweepParts((runId) => this.#isUnderWay(runId))
    } catch (error) {
      this.#parts.log.error({ err: error }, 'what runs left behind was not erased')
    }
  }

  async #isUnderWay(runId: string): Promise<boolean> {
    const row = await this.#parts.stores.runs.find(runId)
    return row !== null && (row.finishedAt === null || row.retryAt !== null)
  }

  /** A run waits if its owner has no place for it, and says so. */
  async #start(runId: string): Promise<RunRow | null | 'waits'> {
    const { stores, limits } = this.#parts
    try {
      return await stores.runs.start(runId, limits.runs)
    } catch (error) {
      if (!(error instanceof LatchworkError) || error.code !== 'share_exceeded') throw error
      const waits = await stores.runs.find(runId)
      if (waits !== null) await stores.runs.setActivity(waits, error.message)
      return 'waits'
    }
  }

  async #move(row: RunRow, signal: AbortSignal): Promise<Moved> {
    const { stores, clock, files, waits } = this.#parts
    let read: FileRow | null = null
    let written: FileRow | null = null
    const activity = activityWriter(stores.runs, row)
    const used: (WatchedCredential | null)[] = []
    const opened = () => used.flatMap((credential) => credential?.id ?? [])
    try {
      const flow = await stores.flows.find(row.flowId)
      if (flow === null) throw new LatchworkError('flow_not_found')
      const consumer = `flow:${flow.id}`
      const beside = new FilesBeside(files, flow.ownerId)
      let moved: readonly HeldStream[] = []
      const selections = await streamsOfRun(this.#parts, row, flow, (chosen) => {
        moved = chosen
      })
      const request: Omit<RunRequest, 'selections'> = {
        ...{ clock, signal, waits, activity: activity.say, atOnce: streamsAtOnce },
        names: {
          source: this.#nameOf(flow.source.connector),
          destination: this.#nameOf(flow.destination.connector),
        },
        journal: {
          ...journalOf(
            this.#parts,
            row,
            () => sentThrough(...used),
            () => moved.map(({ stream }) => stream),
            columnPlanner(this.#parts, row, flow, () => moved),
          ),
          refusal: together(
            async () =>
              (await this.#parts.permission.refusal(row.flowId, opened())) ??
              (await files.refusal(flow.ownerId, read, written)),
          ),
        },
        openSource: async (ended) => {
          if (row.replayOf !== null) return replaySource(this.#parts.records, row.replayOf, row.id)
          const { side, connector, credential } = await this.#access('source', flow.sourceId, row, ended)
          used.push(credential)
          if (connector.openSource === undefined) throw new LatchworkError('connector_unknown')
          const { config, around, file } = await fileOfSource(files, connector, side, flow.ownerId)
          read = file
          return connector.openSource(config, credential, {
            signal: ended,
            activity: activity.say,
            consumer,
            ...around,
          })
        },
        openDestination: async (ended) => {
          const { side, connector, credential } = await this.#access(
            'destination',
            flow.destinationId,
            row,
            ended,
          )
          used.push(credential)
          if (connector.openDestination === undefined) throw new LatchworkError('connector_unknown')
          const { config, around, file } = await fileOfDestination(
            files,
            connector,
            inSchema(connector, side.config, flow.schema),
            flow.ownerId,
          )
          written = file
          const space = file === null ? {} : { space: await files.spaceFor(file) }
          const destination = await connector.openDestination(
            config,
            credential,
            { signal: ended, activity: activity.say, consumer, ...around },
            {
              ...space,
              file: (name) => beside.open(name),
              fileNames: (start) => beside.names(start),
              runId: row.id,
              attempt: row.attempt,
              // Runs of before there were rounds named what they wrote by themselves.
              round: row.round === 0 ? row.id : `${row.flowId}:${row.round}`,
              hold: () => writtenDown(stores.runs.requireHeld(row)),
              // A record is created once however many replays of it are begun, and whatever runs come between them.
              ledger: ledgerOf(stores.runs, row.replayOf === null ? row : { ...row, round: replayRound }),
              isUnderWay: (runId) => this.#isUnderWay(runId),
            },
          )
          return firstWritten(stores.flows, row, destination)
        },
      }
      const outcome =
        selections instanceof LatchworkError
          ? failedRun(selections)
          : await executeRun({ ...request, selections })
      const named = beside.named(onlyOutput(outcome)?.file) ?? written
      return { outcome, written: named, ownerId: flow.ownerId }
    } finally {
      await activity.written()
    }
  }

  async #access(
    kind: SideKind,
    id: string,
    row: RunRow,
    signal: AbortSignal,
  ): Promise<{ side: SideView; connector: Connector; credential: WatchedCredential | null }> {
    const { stores, connectors, credentials } = this.#parts
    const side = await stores.sides.find(id)
    if (side === null) throw new LatchworkError(`${kind}_not_found`)
    const connector = connectorFor(connectors, kind, side.connector)
    const use = { direction: kind === 'source' ? 'read' : 'write', by: { run: row.id } } as const
    const held: HeldAccount = {
      kind,
      account: row.accounts[kind],
      hold: (account) => writtenDown(stores.runs.holdAccount(row, kind, account)),
    }
    const credential =
      side.credentialId === null
        ? null
        : watchCredential(await credentials.use(side.credentialId, side.connector, use, signal, held))
    await stores.sides.touch(id)
    return { side: { ...side, config: storedConfig(connector, kind, side.config) }, connector, credential }
  }

  #nameOf(connector: string): string {
    return this.#parts.connectors.get(connector)?.definition.label ?? connector
  }

  #report(runId: string, outcome: RunOutcome): void {
    const { log } = this.#parts
    if (outcome.error?.code === 'internal') {
      log.error({ err: outcome.cause, runId }, 'a run failed')
    } else {
      log.info({ runId, status: outcome.status }, 'a run ended')
    }
  }
}
