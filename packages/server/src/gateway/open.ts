import type { Budget } from '@latchwork/close'
import type { Clock, Connector } from '@latchwork/connectors'
import { mayWrite } from '@latchwork/contract'
import type { Vault } from '@latchwork/vault'
import type { AlertStore } from '../alerts/store.ts'
import type { AuditLog } from '../audit/log.ts'
import type { Credentials } from '../credentials/service/service.ts'
import type { CredentialStore } from '../credentials/store/credentials.ts'
import type { Database } from '../database/database.ts'
import type { MetadataStore } from '../database/metadata.ts'
import type { HttpApp } from '../http/endpoint.ts'
import type { RawRoutes } from '../http/raw-routes.ts'
import type { AccessRules } from '../identity/rules.ts'
import type { Logger } from '../logging/logger.ts'
import { amongNetworks } from '../settings/addresses.ts'
import type { AccountParts } from './account.ts'
import { accountFields } from './account-fields.ts'
import { Confirmations } from './confirm/confirmations.ts'
import { registerPassWrites } from './confirm/routes.ts'
import { Mcp, mcpPath, metadataPaths } from './mcp/mcp.ts'
import { Passes } from './passes.ts'
import { openUpstream } from './proxy/upstream.ts'
import { registerPasses } from './routes.ts'
import { sealCalls } from './sealing.ts'
import type { CallStore } from './store/calls.ts'
import type { PassStore } from './store/passes.ts'
import type { PassWriteStore } from './store/writes.ts'
import { Admission } from './use/admission.ts'
import { CallLog } from './use/call-log.ts'
import { Gateway, gatewayPrefix } from './use/gateway.ts'
import { Guessing } from './use/guessing.ts'
import { LeadViews } from './use/lead-views.ts'
import { Sender } from './use/sending.ts'
import { PassShares } from './use/share.ts'
import { watchPasses } from './watching.ts'

export interface GatewayRoomParts {
  readonly stores: {
    readonly passes: PassStore
    readonly passCalls: CallStore
    readonly passWrites: PassWriteStore
    readonly credentials: CredentialStore
    readonly alerts: AlertStore
    readonly metadata: MetadataStore
    readonly database: Database
    now(): Promise<Date>
  }
  readonly credentials: Credentials
  readonly connectors: ReadonlyMap<string, Connector>
  readonly rules: AccessRules
  readonly audit: AuditLog
  readonly vault: Vault
  readonly rawRoutes: RawRoutes
  readonly closeApiUrl: string
  /** Origin under which the server is reached. */
  readonly publicUrl: string
  readonly version: string
  readonly budgetOf: (organization: string) => Budget
  readonly trustedProxies: readonly string[]
  /** Calls are kept for this long. */
  readonly keepCallsMs: number
  readonly clock: Clock
  readonly log: Logger
}

/** Passes and the gateway that takes them. */
export function openGateway(app: HttpApp, parts: GatewayRoomParts) {
  const { stores, credentials, rules, audit, clock, log } = parts
  const stopping = new AbortController()
  const admission = new Admission({
    passes: stores.passes,
    rules,
    findCredential: (id) => stores.credentials.find(id),
    open: (credentialId, { id, rules: allowed }) => {
      const direction = mayWrite(allowed) ? 'write' : 'read'
      return credentials.use(credentialId, 'close', { direction, by: { pass: id } }, stopping.signal)
    },
    clock,
  })
  const calls = new CallLog({
    calls: stores.passCalls,
    passes: stores.passes,
    record: (act) => audit.record(act),
    clock,
    log,
  })
  const account: AccountParts = {
    rules,
    connector: () => parts.connectors.get('close'),
    open: (id, signal) =>
      credentials.use(id, 'close', { direction: 'read', by: { request: 'sample' } }, signal),
  }
  const passes = new Passes({
    passes: stores.passes,
    calls: stores.passCalls,
    findCredential: (id) => credentials.find(id),
    rules,
    account,
    commit: (work) => audit.commit(work),
    now: () => stores.now(),
    changed: () => admission.forget(),
  })
  const sealing = {
    ...{ calls: stores.passCalls, metadata: stores.metadata, audit, database: stores.database },
    keepCallsMs: parts.keepCallsMs,
    now: () => stores.now(),
  }
  registerPasses(app, passes, stores.passCalls, sealing)
  const upstream = openUpstream(new URL(parts.closeApiUrl), process.env)
  const isTrusted = amongNetworks(parts.trustedProxies)
  const sender = new Sender({
    budgetOf: parts.budgetOf,
    upstream,
    prefix: gatewayPrefix.slice(0, -1),
  })
  const gateway = new Gateway({
    admission,
    shares: new PassShares(stores.passCalls, clock),
    calls,
    guessing: new Guessing(clock),
    sender,
    views: new LeadViews({ sender, clock }),
    lingerMs: upstream.limits.lingerMs,
    isTrusted,
    clock,
    log,
  })
  const { publicUrl, version, rawRoutes } = parts
  rawRoutes.add(gatewayPrefix, (request, response) => gateway.handle(request, response))
  const confirmations = new Confirmations({
    ...{ writes: stores.passWrites, passes: stores.passes, alerts: stores.alerts },
    ...{ gateway, admission, rules, audit, vault: parts.vault, log },
    fields: (credentialId, object, user) => accountFields(account, credentialId, object, user),
    now: () => stores.now(),
    stopping: stopping.signal,
  })
  registerPassWrites(app, confirmations)
  const mcp = new Mcp({ gateway, confirmations, publicUrl, version, isTrusted, log })
  rawRoutes.add(mcpPath, (request, response) => mcp.handle(request, response))
  for (const path of metadataPaths) {
    rawRoutes.add(path, (request, response) => mcp.describe(request, response))
  }
  return {
    /** Seals calls, tells of passes, and erases old calls. */
    tick: async (): Promise<void> => {
      await sealCalls(sealing)
      await confirmations.tick()
      await watchPasses({ ...stores, calls: stores.passCalls, now: () => stores.now() })
      await stores.passCalls.eraseOld(parts.keepCallsMs)
    },
    /** Ends what is under way, and stores what is known of it. */
    close: async (): Promise<void> => {
      stopping.abort()
      await upstream.close()
      await calls.drain()
    },
  }
}
