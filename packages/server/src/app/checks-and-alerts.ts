import type { Clock } from '@latchwork/connectors'
import { checkDays, endpoints } from '@latchwork/contract'
import { Alerting, type AlertingParts } from '../alerts/alerting.ts'
import { tellOfAct } from '../audit/recording.ts'
import { Checks, type ChecksParts, dayOf } from '../credentials/checks/checks.ts'
import type { Credentials } from '../credentials/service/service.ts'
import { refuseStale } from '../database/stale.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import type { Authentication } from '../identity/authentication.ts'
import type { JobQueue } from '../jobs/interface.ts'
import type { Logger } from '../logging/logger.ts'
import type { AlertSettings } from '../settings/settings.ts'

const alertsAtOnce = 2

export interface ChecksAndAlertsParts {
  readonly stores: AlertingParts['stores'] & ChecksParts['stores']
  readonly authentication: Authentication
  readonly credentials: Credentials
  readonly jobs: JobQueue
  readonly publicUrl: string
  readonly alerts: AlertSettings
  /** Time between two scheduled checks of one credential. */
  readonly checkEveryMs: number
  readonly clock: Clock
  readonly log: Logger
}

export interface Watch {
  /** Starts to deliver alerts. */
  begin(): Promise<void>
  tick(signal: AbortSignal): Promise<void>
}

/** Scheduled checks, the health page and alerts. */
export function openChecksAndAlerts(app: HttpApp, parts: ChecksAndAlertsParts): Watch {
  const { stores, authentication, credentials, jobs, publicUrl, clock, log } = parts
  const checks = new Checks({
    stores,
    check: (id) => credentials.recheck(id),
    clock,
    log,
    everyMs: parts.checkEveryMs,
  })
  const alerting = new Alerting({
    stores,
    authentication,
    jobs,
    settings: parts.alerts,
    publicUrl,
    clock,
    log,
  })

  registerEndpoint(app, endpoints.health.list, async ({ query, caller }) => {
    const { items, ...page } = await credentials.list({ ...query, sort: 'name' }, caller.user)
    const fromMs = clock.now() - (checkDays - 1) * 86_400_000
    const ids = items.map(({ id }) => id)
    const seen = await stores.checks.days(ids, dayOf(fromMs))
    const days = Map.groupBy(seen, (row) => row.credentialId)
    return {
      items: items.map(({ id, name, connector, method, owner, status, reason, statusAt }) => ({
        ...{ id, name, connector, method, owner, status, reason, statusAt },
        days: (days.get(id) ?? []).map(({ day, worst, reasonCode, reasonMessage }) => ({
          day,
          status: worst,
          reason: reasonCode === null ? null : { code: reasonCode, message: reasonMessage ?? reasonCode },
        })),
      })),
      ...page,
    }
  })
  registerEndpoint(app, endpoints.alerts.list, ({ query, caller }) => alerting.list(caller.user, query.limit))
  registerEndpoint(app, endpoints.alerts.preferences, ({ caller }) => alerting.preferences(caller.user.id))
  registerEndpoint(app, endpoints.alerts.setPreferences, async ({ body, caller, request }) => {
    refuseStale(await alerting.preferences(caller.user.id), body.was)
    tellOfAct(request, { muted: body.muted })
    return alerting.setPreferences(caller.user.id, body)
  })
  registerEndpoint(app, endpoints.alerts.read, ({ caller }) => alerting.read(caller.user))
  registerEndpoint(
    app,
    endpoints.alerts.test,
    ({ body, caller }) => alerting.test(body.channel, caller.user),
    {
      waits: true,
    },
  )

  return {
    begin: () => jobs.work('alert', alertsAtOnce, (job) => alerting.deliver(job)),
    tick: async (signal) => {
      await checks.tick(signal)
      await alerting.tick(signal)
    },
  }
}
