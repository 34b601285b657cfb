import type { Client } from '@latchwork/contract'
import type { Measured } from './bench.ts'
import { perSecond } from './rounds.ts'
import { startBenchServer } from './server-process.ts'

const sizes = [10, 10_000]
const seconds = 4
const callers = 4

/**
 * Pages of 10 credentials per second over HTTP, with few and with many stored: the first page, and a search by name.
 */
export async function measureListing(say: (line: string) => void): Promise<Measured> {
  const results: { first: number; found: number }[] = []
  for (const size of sizes) {
    say(`${size} credentials stored ...`)
    results.push(await withServer(size, measure))
  }
  const [few, many] = results
  const row = (what: string, a: number, b: number) =>
    `| ${what} | ${a.toFixed(0)} | ${b.toFixed(0)} | ${(b / a).toFixed(2)} |`
  const lines = [
    'Lists of 10 credentials per second',
    `| | ${sizes[0]} stored | ${sizes[1]} stored | ratio |`,
    '| --- | --- | --- | --- |',
    row('first page', few?.first ?? 0, many?.first ?? 0),
    row('found by name', few?.found ?? 0, many?.found ?? 0),
  ]
  return { lines, faults: [] }
}

async function measure(client: Client): Promise<{ first: number; found: number }> {
  const query = { limit: 10 }
  await perSecond(seconds, callers, () => client.credentials.list({ query })) // warms up
  return {
    first: await perSecond(seconds, callers, () => client.credentials.list({ query })),
    found: await perSecond(seconds, callers, () =>
      client.credentials.list({ query: { ...query, query: 'number 7' } }),
    ),
  }
}

async function withServer<T>(size: number, use: (client: Client) => Promise<T>): Promise<T> {
  const server = await startBenchServer(size)
  try {
    return await use(server.admin)
  } finally {
    await server.stop()
  }
}
