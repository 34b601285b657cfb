import { Accounts, type ApiKey, type User } from './accounts/accounts.ts'
import { addStaff, organizationName } from './accounts/seeded.ts'
import type { Router } from './api/router.ts'
import { type Clock, runningClock, type TimestampSpelling } from './clock.ts'
import { Faults } from './control/faults.ts'
import { ListPageScripts } from './control/list-page-scripts.ts'
import { createOrganization, type Organization } from './data/organization.ts'
import { RequestLog } from './http/request-log.ts'
import { RateLimits } from './limits/rate-limits.ts'
import { Refusals } from './limits/refusals.ts'
import { Grants } from './oauth/grants.ts'
import type { SandboxOptions } from './options.ts'
import { fixedId } from './record-ids.ts'
import { seedOrganization } from './resources/collections.ts'
import { createRouter } from './resources/endpoints.ts'
import { Cursors } from './search/cursors.ts'

/** All parts of a sandbox, before it has an address. */
export interface World {
  readonly seed: string
  readonly clock: Clock
  readonly accounts: Accounts
  readonly organizations: Map<string, Organization>
  readonly grants: Grants
  readonly limits: RateLimits
  readonly refusals: Refusals
  readonly faults: Faults
  readonly listPageScripts: ListPageScripts
  readonly log: RequestLog
  readonly router: Router
  latencyMs: number
  timestamps: TimestampSpelling
}

const SAMPLE_DATA_ENDS_MS = Date.UTC(2026, 5, 30)
const SAMPLE_DATA_SPAN_MS = 3 * 365 * 86_400_000
const LEADS = 250
const LEADS_ELSEWHERE = 40

/** Builds the accounts and the data of a sandbox. The same options give the same. */
export function createWorld(options: SandboxOptions): World {
  const seed = String(options.seed ?? 1)
  const clock = runningClock(options.now)
  // Sample data ends at a fixed date, so that a seed always gives the same data, and never in the future.
  const untilMs = Math.min(SAMPLE_DATA_ENDS_MS, clock.now() - 86_400_000)
  const fromMs = untilMs - SAMPLE_DATA_SPAN_MS
  const accounts = new Accounts(seed)
  const organizations = new Map<string, Organization>()
  const count = Math.max(2, options.organizations ?? 2)
  const plans = Array.from({ length: count }, (_, number) => {
    const name = organizationName(number)
    const id = fixedId('orga', seed, name)
    return {
      id,
      name,
      users: addStaff(accounts, id, number, fromMs),
      leads: number === 0 ? (options.leads ?? LEADS) : LEADS_ELSEWHERE,
    }
  })
  for (const { users, ...plan } of plans) {
    const organization = createOrganization({ ...plan, seed, fromMs, untilMs }, accounts)
    const sizes = organization.id === plans[0]?.id ? (options.records ?? {}) : {}
    seedOrganization(organization, seed, sizes, { fromMs, untilMs })
    organizations.set(plan.id, organization)
    addKeyFor(accounts, users[0], plan.id)
  }
  for (const { id, users } of plans) addKeyFor(accounts, users[1], id)
  const grants = new Grants(accounts, seed)
  grants.addApp(
    options.oauthAppName ?? 'Your integration',
    options.redirectUris ?? ['https://localhost:8443/oauth/callback'],
  )
  if (options.accessTokenSeconds !== undefined) grants.accessTokenSeconds = options.accessTokenSeconds
  if (options.refreshReuse !== undefined) grants.refreshReuse = options.refreshReuse
  return {
    seed,
    clock,
    accounts,
    organizations,
    grants,
    limits: new RateLimits(options.rateLimit ?? null),
    refusals: new Refusals(),
    faults: new Faults(),
    listPageScripts: new ListPageScripts(),
    log: new RequestLog(),
    router: createRouter(new Cursors(seed)),
    latencyMs: options.latencyMs ?? 0,
    timestamps: 'documented',
  }
}

function addKeyFor(accounts: Accounts, user: User | undefined, organizationId: string): ApiKey | undefined {
  return user && accounts.addKey(user.id, organizationId)
}
