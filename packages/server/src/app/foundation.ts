import { join } from 'node:path'
import { systemClock } from '@latchwork/close'
import { redact } from '@latchwork/vault'
import { tellOfDamage } from '../audit/damage.ts'
import { AuditLog } from '../audit/log.ts'
import { recordRequests } from '../audit/recording.ts'
import { openCurrentDatabase } from '../database/open.ts'
import { checkStill } from '../http/caller.ts'
import { RawRoutes } from '../http/raw-routes.ts'
import { createHttpApp, useCertificate } from '../http/server.ts'
import { Authentication } from '../identity/authentication.ts'
import { AccessRules } from '../identity/rules.ts'
import { type LogStream, redactingStream } from '../logging/logger.ts'
import { openKeys } from '../master-keys/open.ts'
import { signingSecret } from '../master-keys/signing-secret.ts'
import { usualShares } from '../shares/limits.ts'
import { Shares } from '../shares/shares.ts'
import { readState } from './audit-states.ts'
import { auditedStores } from './audited-stores.ts'
import { serverCertificate } from './listening.ts'
import type { AppOptions } from './options.ts'
import type { Releases } from './releases.ts'
import { storesOf } from './stores.ts'

export const version = '0.1.0'

const pageDirOfCheckout = join(import.meta.dirname, '../../../web/dist')

export type Foundation = Awaited<ReturnType<typeof openFoundation>>

/** What every feature stands on: the database, the keys, the audit log, the members and their rights, the HTTP server. */
export async function openFoundation(options: AppOptions, releases: Releases) {
  const { settings, clock = systemClock } = options
  const { publicUrl } = settings
  const database = await openCurrentDatabase(settings)
  releases.add(() => database.close())
  const opened = storesOf(database)
  const keys = await openKeys(settings, opened)
  releases.add(() => keys.drain())
  const { vault } = keys
  const secret = await signingSecret(opened, vault)
  const audit = await AuditLog.open({
    store: opened.audit,
    database,
    secret,
    dataDir: settings.dataDir,
    damaged: (fault) => tellOfDamage(opened.alerts, fault),
  })
  releases.add(() => audit.drain())
  const stores = auditedStores(opened, audit)
  const rules = new AccessRules(stores.access)
  const shareLimits = {
    ...usualShares,
    ...(settings.fileSpaceBytes === undefined ? {} : { fileBytes: settings.fileSpaceBytes }),
    ...(settings.draftsPerMember === undefined ? {} : { drafts: settings.draftsPerMember }),
    ...options.shares,
  }
  const shares = new Shares(stores.shares, shareLimits)
  const authentication = await Authentication.open(stores, vault, publicUrl)
  if (settings.admin !== null) {
    const { email, password } = settings.admin
    const administrator = { name: 'Administrator', email, password: password.reveal() }
    await database.atomically(async () => {
      const made = await authentication.ensureAdministrator(administrator)
      if (made === null) return
      const { id, name, role } = made
      const after = { email, role }
      await audit.record({ action: 'member.join', object: { kind: 'member', id, name }, after })
    })
  }

  let certificate = await serverCertificate(settings, clock)
  const stdout: LogStream = { write: (line) => process.stdout.write(line) }
  const rawRoutes = new RawRoutes()
  const app = await createHttpApp({
    rawRoutes,
    publicUrl,
    tls: certificate,
    version,
    logLevel: options.logLevel ?? 'info',
    logStream: redactingStream(redact, options.logStream ?? stdout),
    requestsPerMinute: options.requestsPerMinute ?? 12_000,
    trustedProxies: settings.trustedProxies ?? [],
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
    authenticate: (request, reply) => authentication.authenticate(request, reply),
    checkResource: (access, user, params) => rules.check(access, user, params),
    addRole: (user, kind, answer) => rules.addRole(user, kind, answer),
    withinShare: (user, share, work) => shares.within(user.id, share, work),
    pageDir: options.pageDir ?? pageDirOfCheckout,
  })
  releases.add(async () => app.close())
  recordRequests(app, audit, {
    database,
    readState: (kind, id) => readState(stores, kind, id),
    stillMay: (request) =>
      checkStill(
        request,
        (userId, proof) => authentication.stillThere(userId, proof),
        (access, user, params) => rules.check(access, user, params),
      ),
  })

  return {
    ...{
      settings,
      clock,
      database,
      keys,
      vault,
      secret,
      audit,
      stores,
      rules,
      shares,
      shareLimits,
      authentication,
    },
    ...{ app, rawRoutes, log: app.log },
    /** Uses a new certificate where the present one was replaced or is about to expire. */
    async renewCertificate(): Promise<void> {
      const next = await serverCertificate(settings, clock)
      if (next.cert !== certificate.cert) useCertificate(app, next)
      certificate = next
    },
  }
}
