import type { Clock, Connector } from '@latchwork/connectors'
import type { User } from '@latchwork/contract'
import type { Vault } from '@latchwork/vault'
import type { AlertStore } from '../alerts/store.ts'
import type { Credentials } from '../credentials/service/service.ts'
import { DataFolder } from '../files/data-folder.ts'
import { Files } from '../files/files.ts'
import { registerFiles } from '../files/routes.ts'
import type { FileStore } from '../files/store.ts'
import type { HttpApp } from '../http/endpoint.ts'
import type { AccessRules } from '../identity/rules.ts'
import type { MemberStore } from '../identity/store/members.ts'
import type { JobQueue } from '../jobs/interface.ts'
import type { Logger } from '../logging/logger.ts'
import type { KeepSettings } from '../settings/settings.ts'
import type { MemberShares } from '../shares/limits.ts'
import type { Shares } from '../shares/shares.ts'
import type { ShareStore } from '../shares/store.ts'
import { Flows } from './flows.ts'
import { askOfMove, askOfSource } from './lacking.ts'
import { registerFlows } from './routes.ts'
import { DoubtfulRecords } from './runs/doubtful.ts'
import { RunExecutor } from './runs/executor.ts'
import type { FlowPermission } from './runs/permission.ts'
import { sealPlainRecords } from './runs/plain-records.ts'
import { Quarantine } from './runs/quarantine.ts'
import { RetainedRecords } from './runs/retained-records.ts'
import { type RunWaits, runWaits } from './runs/retrying.ts'
import { registerRuns } from './runs/routes.ts'
import { RunQueue } from './runs/run-queue.ts'
import { Runs } from './runs/runs.ts'
import { FlowAlerts, runsWithAlerts } from './runs/telling.ts'
import { FlowWatcher } from './runs/watching.ts'
import { registerSides } from './sides/routes.ts'
import { Sides } from './sides/sides.ts'
import { Starting } from './starting.ts'
import type { FlowStore } from './store/flows.ts'
import type { PauseStore } from './store/pauses.ts'
import type { RecordStore } from './store/run-records.ts'
import type { RunStore } from './store/runs.ts'
import type { SideStore } from './store/sides.ts'

export interface FlowsParts {
  readonly stores: {
    readonly alerts: AlertStore
    readonly sides: SideStore
    readonly files: FileStore
    readonly flows: FlowStore
    readonly members: MemberStore
    readonly pauses: PauseStore
    readonly records: RecordStore
    readonly runs: RunStore
    readonly shares: ShareStore
    now(): Promise<Date>
    commit<T>(work: () => Promise<T>): Promise<T>
  }
  readonly rules: AccessRules
  readonly permission: FlowPermission
  readonly credentials: Credentials
  readonly vault: Vault
  readonly connectors: ReadonlyMap<string, Connector>
  readonly jobs: JobQueue
  /** Absolute path of the data folder. */
  readonly filesDir: string
  readonly shares: Shares
  readonly limits: MemberShares
  readonly keep: KeepSettings
  /** How many runs this process executes at once, where it differs from the default; 0: it leaves them to others. */
  readonly runsAtOnce: number | undefined
  /** Where it differs from the default. */
  readonly waits: Partial<RunWaits>
  readonly clock: Clock
  readonly log: Logger
}

/** Runs that one process executes at once: more than the share of one member, so that there is room for others. */
const usualRunsAtOnce = 8

/** Everything that moves data: sources, destinations, flows, runs and files. */
export interface OpenFlows {
  /** Asks whether all that uses a credential may use another. @throws {LatchworkError} `account_lacks` */
  askOfMove(from: string, to: string, user: User): Promise<void>
  /** Starts to take runs from the queue. */
  begin(): Promise<void>
  /** The repeated work: starts the runs that are due, erases old records, sweeps abandoned uploads. */
  tick(signal: AbortSignal): Promise<void>
}

/** Opens all parts that move data, with their endpoints. */
export async function openFlows(app: HttpApp, parts: FlowsParts): Promise<OpenFlows> {
  const { rules, permission, credentials, connectors, jobs, clock, log } = parts
  const flowAlerts = new FlowAlerts(parts.stores.alerts, new FlowWatcher(parts.stores))
  const stores = { ...parts.stores, runs: runsWithAlerts(parts.stores, flowAlerts) }
  const folder = new DataFolder(parts.filesDir)
  const files = new Files({
    stores,
    rules,
    permission,
    folder,
    shares: parts.shares,
    limits: parts.limits,
    log,
  })
  const sideParts = { store: stores.sides, rules, credentials, connectors, files }
  const sources = new Sides('source', sideParts)
  const destinations = new Sides('destination', sideParts)
  const queue = new RunQueue({ stores, jobs, limits: parts.limits, flowAlerts })
  const flowParts = {
    stores,
    rules,
    permission,
    sources,
    destinations,
    connectors,
  }
  const flows = new Flows(flowParts)
  const starting = new Starting({ ...flowParts, queue }, flows)
  const records = new RetainedRecords({ store: stores.records, vault: parts.vault, log })
  const executor = new RunExecutor({
    stores,
    records,
    permission,
    credentials,
    connectors,
    clock,
    log,
    files,
    folder,
    limits: parts.limits,
    waits: { ...runWaits, ...parts.waits },
    placeFree: (ownerId) => queue.enqueueLine(ownerId),
  })
  const previewParts = { rules, credentials, connectors, files }
  const lackingParts = { ...previewParts, stores }
  registerSides(app, sources, destinations, previewParts, {
    commit: stores.commit,
    askOfSource: (...asked) => askOfSource(lackingParts, ...asked),
  })
  const check = { ...previewParts, sources }
  const parameters = { preview: previewParts, sources, flows: stores.flows }
  registerFlows(app, flows, starting, stores, {
    columns: check,
    parameters,
    lacking: lackingParts,
    draft: { ...flowParts, credentials, files },
  })
  const quarantine = new Quarantine({ store: stores.records, records })
  const doubtful = new DoubtfulRecords({ stores, records, looking: previewParts })
  await registerRuns(app, new Runs(stores.runs, records), quarantine, doubtful, starting)
  await registerFiles(app, files)
  return {
    askOfMove: (...asked) => askOfMove(lackingParts, ...asked),
    begin: async () => {
      await executor.eraseLeft()
      const runsAtOnce = parts.runsAtOnce ?? usualRunsAtOnce
      if (runsAtOnce > 0) await jobs.work('run', runsAtOnce, (job) => executor.execute(job))
    },
    tick: async (signal) => {
      await queue.runDue(signal)
      await stores.records.eraseOld(parts.keep)
      await stores.records.eraseRuns(parts.keep.runsMs)
      await folder.sweep(clock.now())
      await stores.shares.sweep()
      await sealPlainRecords(stores.records, records, signal)
    },
  }
}
