import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, Run } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { Client as PostgresClient } from 'pg'
import { consent, location } from '../browser.ts'
import { KilledServer } from '../flows/killed-server.ts'
import { closeCredential, idsOf, makeFlow, parseLines } from '../flows/moving.ts'
import { publicUrl } from '../running.ts'
import { type Line, startLine } from './line.ts'
import { breakable, makePlace, type StoreKind } from './places.ts'

/** What is away in the middle of a run. The last makes leads, which the others would read. */
const parts = [
  'close while reading',
  'destination',
  'own database',
  'token endpoint, which asks to wait',
  'token endpoint, with all of Close',
  'token endpoint, which takes requests',
  'close while creating',
] as const
type Part = (typeof parts)[number]

const leads = 1_000
const created = 400
const endsWithinMs = 240_000
/** Said by the token endpoint. */
const retryAfterSeconds = 2

/** How each run ended, and whether everything was written exactly once. */
export type RunOutages = Record<Part, string>

export const endsOfRunOutages: RunOutages = {
  'close while reading': 'succeeded, 1000 written, exact, one run',
  destination: 'succeeded, 1000 written, exact, one run',
  'own database': 'succeeded, 1000 written, exact, one run',
  'token endpoint, which asks to wait': 'succeeded, 1000 written, exact, one run',
  'token endpoint, with all of Close': 'succeeded, 1000 written, exact, one run',
  'token endpoint, which takes requests': 'succeeded, 1000 written, exact, one run',
  'close while creating': 'succeeded, 400 written, exact, one run',
}

type Away = Pick<Line, 'cut' | 'mend'>

interface Way {
  readonly line: Away
  readonly flow: () => Promise<string>
  readonly isExact: () => Promise<boolean>
}

/** One part after the other, on one server: it is away for so long in the middle of a run, which waits for it and goes on. */
export async function runOutages(store: StoreKind, awayMs: number): Promise<RunOutages> {
  const sandbox = await startSandbox({ leads, redirectUris: [`${publicUrl}/oauth/callback`] })
  const place = store === 'postgres' ? await makePlace(store) : null
  await using closeLine = await startLine(new URL(sandbox.apiUrl), 80)
  const warehouse = await makePlace('postgres')
  const warehouseUrl = new URL(warehouse.settings.databaseUrl?.reveal() ?? '')
  await using warehouseLine = await startLine(warehouseUrl, 5432)
  await using line = place === null ? null : await breakable(place.settings)
  // In a process of its own: on SQLite it stands still while its database is away.
  const server = new KilledServer(line?.settings.databaseUrl?.reveal() ?? null, closeLine.url.origin)
  try {
    const client = await server.start()
    // SQLite is in the server's own folder.
    await using file = line === null ? await breakable(server.settings) : null
    const own: Away = line ?? file ?? closeLine
    const truth = () => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')
    const credentialId = await closeCredential(client, sandbox)
    const reading = { connector: 'close', credentialId, config: { object: 'leads' } }
    const names = Array.from({ length: created }, (_, index) => `Away ${String(index).padStart(4, '0')}`)
    const files = join(server.settings.dataDir, 'files')
    await writeFile(join(files, 'in.jsonl'), names.map((name) => JSON.stringify({ name })).join('\n'))

    const toFile = (away: Away, name: string, credential: () => Promise<string>): Way => ({
      line: away,
      flow: async () => {
        const target = { connector: 'files', credentialId: null, config: { file: `${name}.jsonl` } }
        return makeFlow(client, { ...reading, credentialId: await credential() }, target)
      },
      isExact: async () => {
        const text = await readFile(join(files, `${name}.jsonl`), 'utf8')
        return isSame(idsOf(parseLines(text)), idsOf(truth()))
      },
    })
    const byKey = (away: Away, name: string) => toFile(away, name, async () => credentialId)
    // Of each a grant of its own: a token that may be spent is sent once more in a week.
    const byGrant = (away: Away, name: string) => toFile(away, name, () => authorized(server, sandbox, name))

    const headers = { 'retry-after': String(retryAfterSeconds) }
    const asksToWait = byGrant(tokenEndpoint(sandbox, { kind: 'status', status: 503, headers }), 'waiting')
    // A short outage could end before the first request without an answer is given up.
    const takesRequests = tokenEndpoint(sandbox, { kind: awayMs > 30_000 ? 'hang' : 'drop' })
    const allOfClose: Away = {
      cut: () => {
        sandbox.control.expireAccessTokens()
        closeLine.cut()
      },
      mend: () => closeLine.mend(),
    }
    const ways: Record<Part, Way> = {
      'close while reading': byKey(closeLine, 'reading'),
      'own database': byKey(own, 'own'),
      'token endpoint, which asks to wait': {
        ...asksToWait,
        isExact: async () => isPolite(sandbox) && (await asksToWait.isExact()),
      },
      'token endpoint, which takes requests': byGrant(takesRequests, 'taking'),
      'token endpoint, with all of Close': byGrant(allOfClose, 'all'),
      'close while creating': {
        line: closeLine,
        flow: () => {
          const mapping = JSON.stringify([{ from: 'name', to: 'name' }])
          const config = { object: 'leads', mode: 'create', mapping }
          const source = { connector: 'files', credentialId: null, config: { file: 'in.jsonl' } }
          return makeFlow(client, source, { connector: 'close', credentialId, config })
        },
        isExact: async () =>
          isSame(
            truth()
              .map((lead) => String(lead['name']))
              .filter((name) => name.startsWith('Away ')),
            names,
          ),
      },
      destination: {
        line: warehouseLine,
        flow: async () => {
          const id = await warehouseCredential(client, warehouseLine.url)
          const config = { schema: 'public', table: 'leads_moved' }
          return makeFlow(client, reading, { connector: 'postgres', credentialId: id, config })
        },
        isExact: async () => {
          const database = new PostgresClient({ connectionString: warehouseUrl.href })
          await database.connect()
          const { rows } = await database.query('select id from leads_moved')
          await database.end()
          return isSame(
            rows.map(({ id }) => String(id)),
            idsOf(truth()),
          )
        },
      },
    }

    const play = async (part: Part): Promise<string> => {
      const { line: away, flow, isExact } = ways[part]
      const creates = part === 'close while creating'
      const flowId = await flow()
      sandbox.control.setLatency(creates ? 20 : 100)
      const { id } = await client.flows.run({ params: { id: flowId } })
      const moved = () =>
        creates
          ? sandbox.control.count(sandbox.organizations[0]?.id ?? '', 'lead') - leads
          : client.runs.get({ params: { id } }).then(({ recordsWritten }) => recordsWritten)
      while ((await moved()) < 100) await sleep(50)
      away.cut()
      await sleep(awayMs)
      away.mend()
      const run = await ended(client, id)
      const { total } = await client.runs.list({ query: { flowId } })
      return `${run.status}, ${run.recordsWritten} written, ${(await isExact()) ? 'exact' : 'NOT exact'}, ${total === 1 ? 'one run' : `${total} runs`}`
    }
    const ends: [Part, string][] = []
    for (const part of parts) ends.push([part, await play(part)])
    return Object.fromEntries(ends) as RunOutages // with all of them
  } finally {
    await server.erase()
    await warehouse.remove()
    await place?.remove()
    await sandbox.close()
  }
}

async function warehouseCredential(client: Client, url: URL): Promise<string> {
  const { port, pathname, username, password } = url
  const values = { host: '127.0.0.1', port, database: pathname.slice(1), tls: 'disable' }
  const login = { user: decodeURIComponent(username), password: decodeURIComponent(password) || 'none' }
  const { id } = await client.credentials.create({
    body: {
      ...{ connector: 'postgres', method: 'password', name: 'Warehouse' },
      values: { ...values, ...login },
    },
  })
  return id
}

/** A credential with a grant, as a person makes it. */
async function authorized({ browser }: KilledServer, sandbox: Sandbox, name: string): Promise<string> {
  const [app, organization] = [sandbox.oauthApps[0], sandbox.organizations[0]]
  if (browser === null || app === undefined || organization === undefined)
    throw new Error('nobody can authorize')
  const { clientId, clientSecret } = app
  const { credentials } = browser.client
  const values = { clientId, clientSecret }
  const { id } = await credentials.create({
    body: { connector: 'close', method: 'oauth2', draft: true, values },
  })
  const { authorizeUrl } = await credentials.authorize({
    params: { id },
    body: { display: 'page', returnTo: '/' },
  })
  const callback = await consent(browser, authorizeUrl, {
    decision: 'allow',
    organizationId: organization.id,
  })
  const ended = new URL(location(await browser.fetch(callback)), publicUrl).searchParams.get('result')
  if (ended !== 'ok') throw new Error(`the authorization ended with ${ended}`)
  await credentials.save({ params: { id }, body: { name } })
  return id
}

/** The access tokens end, and there are no new ones. */
function tokenEndpoint(
  { control }: Sandbox,
  fault: Omit<Parameters<Sandbox['control']['addFault']>[0], 'target'>,
): Pick<Line, 'cut' | 'mend'> {
  return {
    cut: () => {
      control.addFault({ target: 'token', times: 1_000, ...fault })
      control.expireAccessTokens()
    },
    mend: () => control.clearFaults(),
  }
}

/** The token endpoint told to wait, and nothing came to it before that time was over. */
function isPolite({ control }: Sandbox): boolean {
  const asked = control.requests().filter(({ path }) => path === '/oauth2/token/')
  const pauses = asked.flatMap(({ status, time }, index) => {
    const next = asked[index + 1]
    return status === 503 && next !== undefined ? [Date.parse(next.time) - Date.parse(time)] : []
  })
  return pauses.length > 0 && pauses.every((pauseMs) => pauseMs >= retryAfterSeconds * 1000)
}

function isSame(found: readonly string[], expected: readonly string[]): boolean {
  return JSON.stringify(found.toSorted()) === JSON.stringify(expected.toSorted())
}

async function ended(client: Client, id: string): Promise<Run> {
  for (const begunMs = Date.now(); Date.now() - begunMs < endsWithinMs; ) {
    const run = await client.runs.get({ params: { id } }).catch(() => null)
    if (run !== null && run.finishedAt !== null) return run
    await sleep(200)
  }
  throw new Error('the run has not ended')
}
