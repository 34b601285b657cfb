import type { Clock, Connector, CredentialAccess, Ledger } from '@latchwork/connectors'
import { LatchworkError, recordSchema } from '@latchwork/contract'
import {
  executeRun,
  JournalError,
  type RunJournal,
  type RunOutcome,
  type RunRequest,
  readCheckpoint,
} from '@latchwork/flows'
import { z } from 'zod'
import type { MakeContext } from '../connector-context.ts'
import type { Credentials } from '../credentials/service.ts'
import { connectorFor } from '../ends/ends.ts'
import type { FlowPermission } from '../flows/permission.ts'
import type { Job } from '../jobs/interface.ts'
import type { Logger } from '../logging/logger.ts'
import type { EndKind, EndView, RunRow, RunStore, Stores } from '../stores/interfaces.ts'

export interface ExecutorParts {
  readonly stores: Pick<Stores, 'runs' | 'flows' | 'ends'>
  readonly credentials: Credentials
  readonly permission: FlowPermission
  readonly connectors: ReadonlyMap<string, Connector>
  readonly context: MakeContext
  readonly clock: Clock
  readonly log: Logger
}

const storedRecords = z.array(recordSchema)

/** Executes runs as the job queue hands them out. */
export class RunExecutor {
  readonly #parts: ExecutorParts
  /** Runs under way in this process: a job may be delivered twice. */
  readonly #underWay = new Set<string>()

  constructor(parts: ExecutorParts) {
    this.#parts = parts
  }

  /** Safe to repeat: a run that has finished is left alone, one that was begun goes on from its checkpoint. */
  async execute({ payload: { runId }, signal }: Job<'run'>): Promise<void> {
    if (this.#underWay.has(runId)) return
    this.#underWay.add(runId)
    try {
      const { stores } = this.#parts
      const row = await stores.runs.start(runId, null)
      if (row === null) return
      const outcome = await this.#move(row, signal)
      if (outcome.status === 'failed' && outcome.error.code === 'access_withdrawn') {
        await this.#parts.permission.pauseIfWithdrawn(row.flowId)
      }
      await stores.runs.finish(
        runId,
        outcome.status,
        outcome.status === 'failed' ? outcome.error : null,
        outcome.status === 'succeeded' ? outcome.output : null,
      )
      this.#report(runId, outcome)
    } finally {
      this.#underWay.delete(runId)
    }
  }

  async #move(row: RunRow, signal: AbortSignal): Promise<RunOutcome> {
    const { stores, clock, context } = this.#parts
    const activity = activityWriter(stores.runs, row.id)
    try {
      const flow = await stores.flows.find(row.flowId)
      if (flow === null) throw new LatchworkError('flow_not_found')
      const { records } = await stores.runs.lastRecords(row.id)
      const request: RunRequest = {
        clock,
        signal,
        journal: {
          ...journalOf(stores.runs, row.id),
          refusal: () => this.#parts.permission.refusal(row.flowId),
        },
        progress: { ...row, checkpoint: readCheckpoint(row.checkpoint) },
        lastRecords: storedRecords.safeParse(records).data,
        openSource: async (ended) => {
          const { end, connector, credential } = await this.#access('source', flow.sourceId, row.id)
          if (connector.openSource === undefined) throw new LatchworkError('connector_unknown')
          return connector.openSource(end.config, credential, context(ended, activity.say), 'run')
        },
        openDestination: async (options, ended) => {
          const { end, connector, credential } = await this.#access('destination', flow.destinationId, row.id)
          if (connector.openDestination === undefined) throw new LatchworkError('connector_unknown')
          return connector.openDestination(end.config, credential, context(ended, activity.say), {
            ...options,
            runId: row.id,
            ledger: ledgerOf(stores.runs, row.id),
          })
        },
      }
      return await executeRun(request)
    } finally {
      await activity.end()
    }
  }

  async #access(
    kind: EndKind,
    id: string,
    run: string,
  ): Promise<{ end: EndView; connector: Connector; credential: CredentialAccess | null }> {
    const { stores, connectors, credentials } = this.#parts
    const end = await stores.ends.find(id)
    if (end === null) throw new LatchworkError(`${kind}_not_found`)
    const connector = connectorFor(connectors, kind, end.connector)
    const use = { direction: kind === 'source' ? 'read' : 'write', by: { run } } as const
    const credential =
      end.credentialId === null ? null : await credentials.use(end.credentialId, end.connector, use)
    await stores.ends.touch(id)
    return { end, connector, credential }
  }

  #report(runId: string, outcome: RunOutcome): void {
    const { log } = this.#parts
    if (outcome.status === 'failed' && outcome.error.code === 'internal') {
      log.error({ err: outcome.cause, runId }, 'a run failed')
    } else {
      log.info({ runId, status: outcome.status }, 'a run ended')
    }
  }
}

function journalOf(store: RunStore, runId: string): Omit<RunJournal, 'refusal'> {
  return {
    opened: async (columns, expected) => {
      await store.saveColumns(runId, columns)
      await store.setActivity(runId, null, expected ?? undefined)
    },
    save: (progress, refused, lastRecords) => store.saveProgress(runId, progress, refused, lastRecords),
    // A run that was deleted or ended by another process has nobody to go on for.
    cancelling: async () => {
      const row = await store.find(runId)
      return row === null || row.cancelling || row.finishedAt !== null
    },
  }
}

/** A ledger that fails leaves the run as it is, like a journal that fails. */
function ledgerOf(store: RunStore, runId: string): Ledger {
  const kept = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      throw new JournalError(error)
    }
  }
  return {
    begin: (keys) => kept(store.ledgerBegin(runId, keys)),
    settle: (key, outcome) => kept(store.ledgerSettle(runId, key, outcome)),
    look: (keys) => kept(store.ledgerLook(runId, keys)),
  }
}

/** Writes what a connector says one after the other, and only what is new. */
function activityWriter(store: RunStore, runId: string) {
  let last: string | null = null
  let writing: Promise<void> = Promise.resolve()
  const say = (sentence: string | null): void => {
    if (sentence === last) return
    last = sentence
    // It is only shown: a run does not fail for it.
    writing = writing.then(() => store.setActivity(runId, sentence)).catch(() => undefined)
  }
  return { say, end: () => writing }
}
