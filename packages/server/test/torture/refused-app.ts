import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreKind } from './places.ts'
import { type Served, serve } from './served.ts'

const newSecret = 'a-new-client-secret'
const resumeWithinMs = 120_000

export interface RefusedAppFigures {
  /** Credentials by the reason that stands beside them when the first refusals have come, and after three more ticks. */
  readonly refused: Record<string, number>
  readonly later: Record<string, number>
  readonly fewRequests: boolean
  readonly laterRequests: number
  readonly resumed: Record<string, number>
  readonly alerts: readonly string[]
}

/**
 * Close gives an app a new client secret; the access tokens of all its credentials end at once, and all are due. Then the
 * secret is replaced in one of them.
 * @param mostRequests what may be under way when the first refusal comes
 */
export async function refuseApp(
  store: StoreKind,
  { credentials, mostRequests }: { readonly credentials: number; readonly mostRequests: number },
): Promise<RefusedAppFigures> {
  await using served = await serve(store)
  const { sandbox, server, person } = served
  const ids = await served.credentials(credentials)
  const clientId = sandbox.oauthApps[0]?.clientId ?? ''
  sandbox.control.setClientSecret(clientId, newSecret)
  sandbox.control.expireAccessTokens()
  const tick = () => server.app.tick(new AbortController().signal)
  await tick()
  const refused = await reasons(served)
  const first = served.sent().token
  for (let again = 0; again < 3; again++) {
    await server.app.stores.database.tables.updateTable('credentials').set({ nextCheckAt: 1 }).execute()
    await tick()
  }
  const later = await reasons(served)
  const laterRequests = served.sent().token - first

  await person.client.credentials.secrets({
    params: { id: ids[Math.floor(credentials / 2)] ?? '' },
    body: { values: { clientSecret: newSecret } },
  })
  const untilMs = Date.now() + resumeWithinMs
  while ((await reasons(served))['fine'] !== credentials && Date.now() < untilMs) await sleep(100)
  const resumed = await reasons(served)
  await tick()
  const { items } = await person.client.alerts.list({ query: { limit: 200 } })
  const alerts = items.map(({ kind }) => kind).toReversed()
  return { refused, later, fewRequests: first <= mostRequests, laterRequests, resumed, alerts }
}

async function reasons({ server }: Served): Promise<Record<string, number>> {
  const rows = await server.app.stores.database.tables
    .selectFrom('credentials')
    .select(['status', 'reasonCode'])
    .execute()
  const counts: Record<string, number> = {}
  for (const { status, reasonCode } of rows) {
    const reason = status === 'verified' ? 'fine' : `${status}, ${reasonCode}`
    counts[reason] = (counts[reason] ?? 0) + 1
  }
  return counts
}
