import type { AuditEntry, Client } from '@latchwork/contract'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { type Draw, drawn } from '../drawn.ts'
import { KilledServer } from '../flows/killed-server.ts'

const kills = 2
/** People who change things at the same time: each kill is in the middle of something of each. */
const writers = 8

/** Makes, renames and deletes until the server is gone; notes what the server confirmed, as `id name`. */
async function change(client: Client, prefix: string, confirmed: string[]): Promise<void> {
  const config = { file: 'out.jsonl', format: 'jsonl' } as const
  try {
    for (let count = 0; ; count++) {
      const name = `${prefix}-${count}`
      const made = await client.destinations.create({
        body: { connector: 'files', credentialId: null, name, config },
      })
      const params = { id: made.id }
      confirmed.push(`${made.id} ${name}`)
      await client.destinations.update({ params, body: { name: `${name}-renamed` } })
      confirmed.push(`${made.id} ${name}-renamed`)
      if (count % 3 !== 0) continue
      await client.destinations.delete({ params })
      confirmed.push(`${made.id} gone`)
    }
  } catch {
    return // whoever waits for more than was confirmed notices an end that was no kill
  }
}

/** Oldest first. */
async function wholeLog(client: Client): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for (let cursor: string | undefined; ; ) {
    const query = { action: 'destination.', limit: 200, ...(cursor === undefined ? {} : { cursor }) }
    const page = await client.audit.list({ query })
    entries.push(...page.items)
    if (page.nextCursor === null) return entries.reverse()
    cursor = page.nextCursor
  }
}

/** What each entry says that a thing became. */
const became = ({ action, object, after }: AuditEntry): string =>
  `${object?.id} ${action === 'destination.delete' ? 'gone' : String(after?.['name'])}`

async function killedAtMoments(server: KilledServer, draw: Draw): Promise<void> {
  const confirmed: string[] = []
  let client = await server.start()
  for (let kill = 0; kill < kills; kill++) {
    const underWay = Array.from({ length: writers }, (_, at) => change(client, `${kill}-${at}`, confirmed))
    const enough = confirmed.length + 5 + draw.number(20)
    await vi.waitUntil(() => confirmed.length >= enough, { timeout: 60_000, interval: 1 })
    await new Promise((resolve) => setTimeout(resolve, draw.number(30)))
    await server.kill()
    await Promise.all(underWay)
    client = await server.start()

    const log = await wholeLog(client)
    const reported = log.map(became)
    const last = new Map(log.map((entry) => [entry.object?.id ?? '', became(entry)]))
    const { items } = await client.destinations.list({ query: { limit: 200 } })
    // No change without an entry, no entry without a change.
    const present = [...last.values()].filter((each) => !each.endsWith(' gone'))
    expect(items.map(({ id, name }) => `${id} ${name}`).sort()).toEqual(present.sort())
    expect(new Set(reported).size).toBe(reported.length)
    // And what was confirmed is in both.
    expect(confirmed.filter((each) => !reported.includes(each))).toEqual([])
    expect(await client.audit.verify()).toMatchObject({ intact: true })
  }
}

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('a server on %s that is killed while things are changed', (_, makePlace) => {
  it('#45 #55 leaves no change without its entry, no entry without its change, and a log that verifies', {
    timeout: 120_000,
  }, async () => {
    const place = await makePlace()
    const server = new KilledServer(place.settings.databaseUrl?.reveal() ?? null, 'http://127.0.0.1:9')
    onTestFinished(async () => {
      await server.erase()
      await place.remove()
    })
    await drawn((draw) => killedAtMoments(server, draw))
  })
})
