import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { endpoints as contract } from '@latchwork/contract'
import { registerAudit } from '../audit/routes.ts'
import { registerBackup } from '../backup/routes.ts'
import { openBudgets } from '../budget/budgets.ts'
import { registerBudget } from '../budget/routes.ts'
import { openUseStore } from '../budget/use-store.ts'
import { BudgetUses } from '../budget/uses.ts'
import { Authorization } from '../credentials/authorize/authorization.ts'
import { registerAuthorization } from '../credentials/authorize/routes.ts'
import { BucketNames } from '../credentials/records/bucket-names.ts'
import { pauseApp } from '../credentials/refresh/pausing.ts'
import { Refresher } from '../credentials/refresh/refresh.ts'
import { Revoker } from '../credentials/refresh/revoking.ts'
import { registerDeletedCredentials } from '../credentials/service/deleted.ts'
import { registerCredentials } from '../credentials/service/routes.ts'
import { Credentials } from '../credentials/service/service.ts'
import { openFlows } from '../flows/open.ts'
import { FlowPermission } from '../flows/runs/permission.ts'
import { openGateway } from '../gateway/open.ts'
import { registerEndpoint } from '../http/endpoint.ts'
import { registerProbes } from '../http/probes.ts'
import { openJobs } from '../jobs/open.ts'
import { MasterKeyService } from '../master-keys/master-keys.ts'
import { enqueueRotation, registerKeys } from '../master-keys/routes.ts'
import { openChecksAndAlerts } from './checks-and-alerts.ts'
import { makeConnectors } from './connectors.ts'
import { type Foundation, version } from './foundation.ts'
import { registerIdentity } from './identity.ts'
import { makeFolder } from './listening.ts'
import type { AppOptions } from './options.ts'
import type { Releases } from './releases.ts'
import { requireSameOrigins } from './secret-origins.ts'

/** Opens every feature, with its endpoints and its repeated background work. */
export async function openFeatures(foundation: Foundation, options: AppOptions, releases: Releases) {
  const { settings, clock, database, keys, vault, audit, stores, rules, authentication, app, log } =
    foundation
  const { shares, shareLimits } = foundation
  const { publicUrl } = settings
  const filesDir = join(settings.dataDir, 'files')
  await makeFolder(filesDir)
  const permission = new FlowPermission({ stores, rules })
  const { closeListLagMs, connectors: further } = options
  const useStore = openUseStore(database)
  const uses = new BudgetUses({ store: useStore, database, clock, log })
  releases.add(() => uses.drain())
  const budgets = openBudgets({
    ...{ database, databaseUrl: settings.databaseUrl, clock },
    onUse: (use, organization) => uses.note(organization, use),
  })
  releases.add(() => budgets.close())
  const budgetOf = budgets.of
  const connectors = makeConnectors({ ...settings, clock, filesDir, closeListLagMs, budgetOf, further })
  await requireSameOrigins({ stores, audit, connectors, movedFrom: settings.closeMovedFrom })
  const redirectUri = `${publicUrl}/oauth/callback`
  const revoker = new Revoker({ stores, vault, connectors, log })
  releases.add(() => revoker.drain())
  const refresher = new Refresher({
    store: stores.credentials,
    vault,
    connectors,
    clock,
    log,
    owner: randomUUID(),
    marginMs: 5 * 60_000,
    pauseApp: (refused) => pauseApp({ checks: stores.checks, vault, log }, refused),
    revoker,
  })
  releases.add(() => refresher.drain())
  const credentials = new Credentials({
    stores,
    vault,
    authentication,
    rules,
    deleteUsed: async (id, by, flowIds) => {
      await stores.pauses.deleteUsed(id, await permission.pausesBy(by, 'credential', flowIds))
    },
    connectors,
    refresher,
    revoker,
    limits: shareLimits,
    buckets: new BucketNames(foundation.secret),
    clock,
    log,
  })
  const authorization = new Authorization({
    stores,
    vault,
    credentials,
    authentication,
    rules,
    revoker,
    connectors,
    redirectUri,
    publicUrl,
    clock,
    log,
    onResult: async ({ credentialId: id, userId, ownerId }, result) => {
      const [row, users] = await Promise.all([stores.credentials.find(id), authentication.users([userId])])
      const { name = '', email = null } = users.get(userId) ?? {}
      await audit.record({
        action: 'credential.authorized',
        object: { kind: 'credential', id, name: row?.name ?? '' },
        actor: { kind: 'user', id: userId, name, email },
        ...(userId === ownerId ? {} : { after: { ownerId } }),
        ...(result === 'ok' ? {} : { result: 'failed' as const, reason: result }),
      })
    },
  })

  const gateway = openGateway(app, {
    ...{ stores, credentials, connectors, rules, audit, vault, clock, log },
    rawRoutes: foundation.rawRoutes,
    closeApiUrl: settings.closeApiUrl,
    ...{ publicUrl, version },
    budgetOf,
    trustedProxies: settings.trustedProxies ?? [],
    keepCallsMs: settings.keep.callsMs,
  })
  releases.add(() => gateway.close())

  registerProbes(app, { version, publicUrl }, () => stores.ping())
  registerAudit(app, audit)
  registerBackup(app, settings, clock)
  registerIdentity(foundation)
  registerCredentials(app, credentials)
  registerBudget(app, {
    ...{ uses: useStore, rules },
    placeOf: (id) => credentials.budgetPlace(id),
    now: () => stores.now(),
  })
  registerAuthorization(app, authorization)
  registerEndpoint(app, contract.connectors.list, async () => ({
    items: [...connectors.values()].map(({ definition }) => definition),
  }))
  registerEndpoint(app, contract.settings.get, async () => ({
    version,
    publicUrl,
    redirectUri,
    closeApiUrl: settings.closeApiUrl,
    closeAppUrl: settings.closeAppUrl,
    database: stores.kind,
    masterKeyFingerprint: vault.keyId,
    keepDays: {
      samples: inDays(settings.keep.samplesMs),
      quarantine: inDays(settings.keep.quarantineMs),
      runs: inDays(settings.keep.runsMs),
      calls: inDays(settings.keep.callsMs),
      audit: settings.keep.auditMs === undefined ? null : inDays(settings.keep.auditMs),
    },
  }))

  const jobs = await openJobs(database, settings.databaseUrl, {
    onError: (error, job) => log.error({ err: error, job }, 'a job failed'),
  })
  releases.add(() => jobs.stop(options.jobGraceMs ?? usualJobGraceMs))
  const masterKeys = new MasterKeyService({
    ...{ stores, keys, clock, log },
    finished: ({ keyId, done }) => {
      const object = { kind: 'key', id: keyId, name: '' }
      return audit.record({ action: 'key.rotated', object, after: { done } }, { orLater: true })
    },
  })
  registerKeys(app, masterKeys, jobs)
  const { alerts, checkEveryMs, keep, runsAtOnce } = settings
  const { waits = {} } = options
  const common = { stores, rules, permission, credentials, connectors, jobs, clock, log }
  const parts = { ...common, vault, filesDir, shares, limits: shareLimits, keep, runsAtOnce, waits }
  const flows = await openFlows(app, parts)
  const { askOfMove } = flows
  registerDeletedCredentials(app, { stores, rules, authentication, credentials, askOfMove })
  const watch = openChecksAndAlerts(app, { ...parts, authentication, publicUrl, alerts, checkEveryMs })

  const sweep = async (signal: AbortSignal): Promise<void> => {
    await credentials.sweep(signal)
    await stores.sessions.eraseExpired()
    await budgets.sweep()
    await useStore.sweep()
    await stores.wipe()
  }
  return {
    jobs,
    /** Starts the background work. */
    async begin(): Promise<void> {
      await flows.begin()
      await watch.begin()
      await jobs.work('rotateKeys', 1, ({ signal }) => masterKeys.reencrypt(signal))
      if (await masterKeys.isRotating()) await enqueueRotation(jobs)
    },
    /** Does all repeated work once, in parallel: one part that waits or fails does not hold up the others. */
    async tick(signal: AbortSignal): Promise<void> {
      const parts = [
        flows.tick(signal),
        refresher.refreshAhead(signal),
        sweep(signal),
        watch.tick(signal),
        foundation.renewCertificate(),
        masterKeys.warn(),
        gateway.tick(),
        ...(keep.auditMs === undefined ? [] : [audit.removeOld(keep.auditMs, 'LATCHWORK_KEEP_AUDIT_DAYS')]),
      ]
      for (const part of await Promise.allSettled(parts)) {
        if (part.status === 'rejected') log.error({ err: part.reason }, 'a part of the tick failed')
      }
    },
  }
}

const inDays = (ms: number) => Math.round(ms / 86_400_000)

/** How long jobs under way may take once the server stops; then another process continues them. */
const usualJobGraceMs = 5000
