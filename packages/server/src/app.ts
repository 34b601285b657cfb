import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@latchwork/close'
import type { Clock } from '@latchwork/connectors'
import { endpoints as contract, LatchworkError, systemCode } from '@latchwork/contract'
import { redact } from '@latchwork/vault'
import { registerAccess } from './access/routes.ts'
import { AccessRules } from './access/rules.ts'
import { Accounts } from './accounts/accounts.ts'
import { signingSecret } from './accounts/auth.ts'
import { registerDevices } from './accounts/device-routes.ts'
import { DeviceSignIn } from './accounts/devices.ts'
import { OwnSignIn } from './accounts/own-sign-in.ts'
import { Passkeys } from './accounts/passkeys.ts'
import { PasswordResets } from './accounts/password-resets.ts'
import { registerAccounts } from './accounts/routes.ts'
import { SignInLimit } from './accounts/sign-in-limit.ts'
import { registerOwnSignIn } from './accounts/sign-in-routes.ts'
import { auditedStores } from './audit/audited-stores.ts'
import { tellOfDamage } from './audit/damage.ts'
import { AuditLog } from './audit/log.ts'
import { recordRequests } from './audit/recording.ts'
import { registerAudit } from './audit/routes.ts'
import { registerBackup } from './backup/routes.ts'
import { makeConnectors } from './connectors.ts'
import { registerDeletedCredentials } from './credentials/deleted.ts'
import { pauseApp } from './credentials/pausing.ts'
import { Refresher } from './credentials/refresh.ts'
import { Revoker } from './credentials/revoking.ts'
import { registerCredentials } from './credentials/routes.ts'
import { Credentials } from './credentials/service.ts'
import { openMoving } from './flows/moving.ts'
import { FlowPermission } from './flows/permission.ts'
import { openHealth } from './health/open.ts'
import { type HttpApp, registerEndpoint } from './http/endpoint.ts'
import { registerHealth } from './http/health.ts'
import { createHttpApp, type Patience, useCertificate } from './http/server.ts'
import { openJobs } from './jobs/open.ts'
import { MasterKeyService } from './keys/master-keys.ts'
import { enqueueRotation, registerKeys } from './keys/routes.ts'
import { type LogStream, redactingStream } from './logging/logger.ts'
import { openKeys } from './master-key.ts'
import { Members } from './members/members.ts'
import { registerMembers } from './members/routes.ts'
import { Authorization } from './oauth/authorization.ts'
import { registerAuthorization } from './oauth/routes.ts'
import type { OAuthEndpoints } from './oauth/token-client.ts'
import type { Settings } from './settings/settings.ts'
import { type MemberShares, usualShares } from './shares/limits.ts'
import { Shares } from './shares/shares.ts'
import { type OpenStores, openStores } from './stores/open.ts'
import { type Certificate, givenCertificate, localCertificate } from './tls/certificate.ts'

const version = '0.1.0'

const tickMs = 60_000
/** For jobs under way when the server is told to stop; then another process takes them up. */
const jobGraceMs = 5000

export interface AppOptions {
  readonly settings: Settings
  readonly clock?: Clock
  /** Standard output unless given. */
  readonly logStream?: LogStream
  readonly logLevel?: string
  /** Folder with the built page. */
  readonly pageDir?: string
  /** Requests that one client may make within a minute. */
  readonly limits?: { readonly requestsPerMinute: number; readonly signInsPerMinute: number }
  /** How long a client may take to send its request. */
  readonly patience?: Patience
  /** OAuth tokens are refreshed this long before they end. */
  readonly refreshMarginMs?: number
  /** How much one member may take, where it differs from what is usual. */
  readonly shares?: Partial<MemberShares>
  /** How far Close's lists may lag behind what was written; what is known of Close unless given. */
  readonly closeListLagMs?: number
}

/** A server, complete but not listening yet. */
export interface App {
  /** Listens; answers the address with the real port. @throws {LatchworkError} `port_in_use` */
  listen(): Promise<string>
  /** The link by which the administrator is made; null if there is one. Each call makes a new link. */
  setupLink(): Promise<string | null>
  /** What repeats itself in the background, once. */
  tick(signal: AbortSignal): Promise<void>
  /** Takes no more requests, lets what is under way end, and closes the database. */
  close(): Promise<void>
  readonly stores: OpenStores
}

const pageDirOfCheckout = join(import.meta.dirname, '../../web/dist')

/**
 * Puts the server together.
 * @throws {LatchworkError} `data_dir_unwritable`, `database_unreachable`, `database_locked`, `database_newer`,
 * `master_key_missing`, `master_key_wrong`, `settings_invalid`
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { settings } = options
  const stores = await openStores(settings)
  try {
    return await assemble(options, stores)
  } catch (error) {
    await stores.close()
    throw error
  }
}

async function assemble(options: AppOptions, opened: OpenStores): Promise<App> {
  const { settings, clock = systemClock, closeListLagMs } = options
  const { publicUrl, closeApiUrl, closeAppUrl } = settings
  const limits = options.limits ?? { requestsPerMinute: 12_000, signInsPerMinute: 20 }
  const filesDir = join(settings.dataDir, 'files')
  await makeFolder(filesDir)
  const keys = await openKeys(settings, opened)
  const { vault } = keys
  const audit = await AuditLog.open({
    store: opened.audit,
    database: opened.database,
    secret: await signingSecret(opened, vault),
    dataDir: settings.dataDir,
    damaged: (fault) => tellOfDamage(opened.health, fault),
  })
  const stores = auditedStores(opened, audit)
  const rules = new AccessRules(stores.access)
  const shareLimits = {
    ...usualShares,
    ...(settings.fileSpaceBytes === undefined ? {} : { fileBytes: settings.fileSpaceBytes }),
    ...options.shares,
  }
  const shares = new Shares(stores.shares, shareLimits)
  const permission = new FlowPermission({ stores, rules })
  const accounts = await Accounts.open(stores, vault, publicUrl)
  if (settings.admin !== null) {
    const { email, password } = settings.admin
    const administrator = { name: 'Administrator', email, password: password.reveal() }
    await opened.database.atomically(async () => {
      const made = await accounts.ensureAdministrator(administrator)
      if (made === null) return
      const { id, name, role } = made
      const after = { email, role }
      await audit.record({ action: 'member.join', object: { kind: 'member', id, name }, after })
    })
  }

  let certificate = await serverCertificate(settings, clock)
  const stdout: LogStream = { write: (line) => process.stdout.write(line) }
  const app = await createHttpApp({
    publicUrl,
    tls: certificate,
    version,
    logLevel: options.logLevel ?? 'info',
    logStream: redactingStream(redact, options.logStream ?? stdout),
    requestsPerMinute: limits.requestsPerMinute,
    trustedProxies: settings.trustedProxies ?? [],
    ...(options.patience === undefined ? {} : { patience: options.patience }),
    authenticate: (request, reply) => accounts.authenticate(request, reply),
    checkResource: (access, user, params) => rules.check(access, user, params),
    addRole: (user, kind, answer) => rules.addRole(user, kind, answer),
    withinShare: (user, share, work) => shares.within(user.id, share, work),
    pageDir: options.pageDir ?? pageDirOfCheckout,
  })

  recordRequests(app, audit, stores)

  const connectors = makeConnectors({ clock, closeApiUrl, closeAppUrl, filesDir, closeListLagMs })
  const endpoints: OAuthEndpoints = { closeApiUrl, closeAppUrl, redirectUri: `${publicUrl}/oauth/callback` }
  const revoker = new Revoker({ stores, vault, endpoints, log: app.log })
  const refresher = new Refresher({
    store: stores.credentials,
    vault,
    endpoints,
    clock,
    log: app.log,
    owner: randomUUID(),
    marginMs: options.refreshMarginMs ?? 5 * 60_000,
    pauseApp: (refused) => pauseApp({ health: stores.health, vault, log: app.log }, refused),
    revoker,
  })
  const credentials = new Credentials({
    stores,
    vault,
    accounts,
    rules,
    permission,
    connectors,
    refresher,
    revoker,
    endpoints,
    clock,
    log: app.log,
  })
  const authorization = new Authorization({
    stores,
    vault,
    credentials,
    accounts,
    rules,
    revoker,
    endpoints,
    publicUrl,
    clock,
    log: app.log,
    settled: async ({ credentialId: id, userId, ownerId }, result) => {
      const [row, users] = await Promise.all([stores.credentials.find(id), accounts.users([userId])])
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

  registerHealth(app, { version, publicUrl }, () => stores.ping())
  registerAudit(app, audit)
  registerBackup(app, settings, clock)
  const limit = new SignInLimit(opened.attempts, limits.signInsPerMinute, await signingSecret(opened, vault))
  registerMembers(app, new Members(stores.members, accounts, publicUrl), limit)
  registerAccess(app, rules, stores)
  registerAccounts(app, accounts, limit)
  const own = new OwnSignIn(stores, accounts)
  const resets = new PasswordResets({ stores, accounts, own, publicUrl })
  const passkeys = new Passkeys(stores.passkeys, publicUrl)
  registerOwnSignIn(app, { accounts, own, passkeys, resets, publicUrl, commit: stores.commit }, limit)
  registerDevices(app, new DeviceSignIn(stores, accounts, publicUrl), limit)
  registerCredentials(app, credentials)
  registerDeletedCredentials(app, { stores, rules, accounts, credentials })
  registerAuthorization(app, authorization)
  registerEndpoint(app, contract.connectors.list, async () => ({
    items: [...connectors.values()].map(({ definition }) => definition),
  }))
  registerEndpoint(app, contract.settings.get, async () => ({
    version,
    publicUrl,
    redirectUri: endpoints.redirectUri,
    closeApiUrl,
    closeAppUrl,
    database: stores.kind,
    masterKeyFingerprint: vault.keyId,
  }))

  const jobs = await openJobs(stores.database, settings.databaseUrl, {
    onError: (error, job) => app.log.error({ err: error, job }, 'a job failed'),
  })
  const masterKeys = new MasterKeyService({
    ...{ stores, keys, clock, log: app.log },
    finished: ({ keyId, done }) => {
      const object = { kind: 'key', id: keyId, name: '' }
      return audit.record({ action: 'key.rotated', object, after: { done } }, { orLater: true })
    },
  })
  registerKeys(app, masterKeys, jobs)
  const common = { stores, rules, permission, credentials, connectors, jobs, clock, log: app.log }
  const { alerts, checkEveryMs, keepRecordsMs } = settings
  const parts = { ...common, vault, filesDir, shares, limits: shareLimits, keepRecordsMs }
  const moving = await openMoving(app, parts)
  const health = openHealth(app, { ...parts, accounts, publicUrl, alerts, checkEveryMs })

  const tick = async (signal: AbortSignal): Promise<void> => {
    const renewCertificate = async (): Promise<void> => {
      const next = await serverCertificate(settings, clock)
      if (next.cert !== certificate.cert) useCertificate(app, next)
      certificate = next
    }
    // Side by side: one that waits or fails holds up none of the others.
    const parts = [
      moving.tick(signal),
      refresher.refreshAhead(signal),
      credentials.sweep(signal),
      health.tick(signal),
      renewCertificate(),
      masterKeys.warn(),
    ]
    for (const part of await Promise.allSettled(parts)) {
      if (part.status === 'rejected') app.log.error({ err: part.reason }, 'a part of the tick failed')
    }
  }
  return {
    stores,
    tick,
    listen: async () => {
      const url = await listen(app, settings)
      await moving.begin()
      await health.begin()
      await jobs.work('rotateKeys', 1, ({ signal }) => masterKeys.sealAnew(signal))
      if (await masterKeys.isRotating()) await enqueueRotation(jobs)
      await jobs.every(tickMs, tick)
      return url
    },
    setupLink: async () =>
      (await accounts.needsSetup()) ? `${publicUrl}/setup?token=${await accounts.newSetupToken()}` : null,
    close: async () => {
      await app.close()
      await jobs.stop(jobGraceMs)
      await refresher.drain()
      await credentials.drain()
      await audit.drain()
      await keys.drain()
      await stores.close()
    },
  }
}

async function serverCertificate(settings: Settings, clock: Clock): Promise<Certificate> {
  const { tls, dataDir, publicUrl } = settings
  return tls === null
    ? localCertificate(dataDir, new URL(publicUrl).hostname, clock.now())
    : givenCertificate(tls.certificateFile, tls.keyFile)
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new LatchworkError('data_dir_unwritable', {
      message: `The folder ${path} can't be made. Give this user the right to, or set LATCHWORK_DATA_DIR.`,
      cause,
    })
  }
}

async function listen(app: HttpApp, { host, port }: Settings): Promise<string> {
  try {
    await app.listen({
      host,
      port,
      listenTextResolver: (address) => `listening at ${address.replace(/^http:/, 'https:')}`,
    })
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EADDRINUSE') {
      throw new LatchworkError('port_in_use', {
        message: `The port ${port} on ${host} is taken by another program. Stop it, or set LATCHWORK_PORT to a free port.`,
      })
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new LatchworkError('settings_invalid', {
        message: `The server can't listen on ${host}, port ${port}: set LATCHWORK_HOST to an address of this machine, and LATCHWORK_PORT to a port that this user may use.`,
      })
    }
    throw error
  }
  const address = app.server.address()
  return `https://localhost:${typeof address === 'object' && address !== null ? address.port : port}`
}
