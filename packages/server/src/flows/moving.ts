import type { Clock, Connector } from '@latchwork/connectors'
import type { Vault } from '@latchwork/vault'
import type { AccessRules } from '../access/rules.ts'
import type { Credentials } from '../credentials/service.ts'
import { registerDestinations } from '../destinations/routes.ts'
import { Ends } from '../ends/ends.ts'
import { DataFolder } from '../files/data-folder.ts'
import { Files } from '../files/files.ts'
import { registerFiles } from '../files/routes.ts'
import type { HttpApp } from '../http/endpoint.ts'
import type { JobQueue } from '../jobs/interface.ts'
import type { Logger } from '../logging/logger.ts'
import { RunExecutor } from '../runs/executor.ts'
import { KeptRecords } from '../runs/kept-records.ts'
import { sealPlainRecords } from '../runs/plain-records.ts'
import { registerRuns } from '../runs/routes.ts'
import { Runs } from '../runs/runs.ts'
import type { MemberShares } from '../shares/limits.ts'
import type { Shares } from '../shares/shares.ts'
import { registerSources } from '../sources/routes.ts'
import type { Stores } from '../stores/interfaces.ts'
import type { PauseStore } from '../stores/pauses.ts'
import { Flows } from './flows.ts'
import type { FlowPermission } from './permission.ts'
import { registerFlows } from './routes.ts'

export interface MovingParts {
  readonly stores: Stores & { readonly pauses: PauseStore }
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
  /** How long the records that a run's page shows are kept after its end. */
  readonly keepRecordsMs: number
  readonly clock: Clock
  readonly log: Logger
}

/** Runs that one process executes at once: more than the share of one member, so that there is room for others. */
const runsAtOnce = 8

/** Everything that moves data: sources, destinations, flows, runs and files. */
export interface Moving {
  /** Begins to take runs from the queue. */
  begin(): Promise<void>
  /** What repeats itself: starts the runs that are due, erases old records, sweeps abandoned uploads. */
  tick(signal: AbortSignal): Promise<void>
}

/** Puts together what moves data, and serves it. */
export async function openMoving(app: HttpApp, parts: MovingParts): Promise<Moving> {
  const { stores, rules, permission, credentials, connectors, jobs, clock, log } = parts
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
  const endParts = { store: stores.ends, rules, credentials, connectors, files }
  const sources = new Ends('source', endParts)
  const destinations = new Ends('destination', endParts)
  const flows = new Flows({ stores, rules, permission, sources, destinations, jobs, limits: parts.limits })
  const records = new KeptRecords({ store: stores.records, vault: parts.vault, log })
  const executor = new RunExecutor({
    stores,
    records,
    permission,
    credentials,
    connectors,
    clock,
    log,
    files,
    limits: parts.limits,
    placeFree: (ownerId) => flows.enqueueLine(ownerId),
  })
  const trying = { rules, credentials, connectors, files }
  registerSources(app, sources, trying)
  registerDestinations(app, destinations, trying)
  registerFlows(app, flows, rules)
  registerRuns(app, new Runs(stores.runs, records))
  await registerFiles(app, files)
  return {
    begin: () => jobs.work('run', runsAtOnce, (job) => executor.execute(job)),
    tick: async (signal) => {
      await flows.runDue(signal)
      await stores.records.eraseOld(parts.keepRecordsMs)
      await folder.sweep(clock.now())
      await stores.shares.sweep()
      await sealPlainRecords(stores.records, records, signal)
    },
  }
}
