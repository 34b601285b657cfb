import type { DataRecord } from '@latchwork/contract'
import { type LoggedRequest, type Sandbox, startSandbox } from 'close-sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connector } from '../../src/index.ts'
import { openReader, openStreamWriter, testContext } from '../context.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

/** Requests of one organization that are under way at once, at most. */
const underWay = 8

let sandbox: Sandbox
let close: Connector
beforeEach(async () => {
  // Its clock is behind ours: a date that it names has passed by ours.
  sandbox = await startSandbox({ leads: 1800, latencyMs: 30, now: Date.now() - 3_300 })
  close = sandboxConnector(sandbox)
})
afterEach(() => sandbox.close())

async function readLeads(): Promise<number> {
  const reader = await openReader(close, { object: 'leads' }, keyCredential(sandbox), testContext(), 'run')
  let records = 0
  for await (const page of reader.batches(null)) records += page.records.length
  return records
}

async function createLeads(count: number): Promise<number> {
  const config = { object: 'leads', mode: 'create', mapping: '[{"from":"name","to":"name"}]' }
  const writer = await openStreamWriter(close, config, keyCredential(sandbox), testContext())
  const rows: DataRecord[] = Array.from({ length: count }, (_, index) => ({
    id: `${index}`,
    name: `Made ${index}`,
  }))
  return (await writer.write(rows)).written
}

/** A person looks whom the credential acts for, again and again. */
async function lookOften(times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await close.identify?.(keyCredential(sandbox), testContext())
  }
}

const groupOf = ({ method, path }: LoggedRequest): string => `${method} ${path.split('/')[3]}`
const atMs = ({ time }: LoggedRequest): number => Date.parse(time)

/** Of each group of endpoints: the requests refused, and the most that came between a refusal and the time it named. */
function judge(): Map<string, { refused: number; early: number }> {
  const groups = Map.groupBy(sandbox.control.requests(), groupOf)
  return new Map(
    [...groups].map(([name, requests]) => {
      const refused = requests.filter(({ status }) => status === 429)
      const early = refused.map((refusal) => {
        const untilMs = atMs(refusal) + (refusal.askedToWaitMs ?? 0)
        return requests.filter((each) => each.number > refusal.number && atMs(each) < untilMs).length
      })
      return [name, { refused: refused.length, early: Math.max(0, ...early) }]
    }),
  )
}

describe('told to wait', () => {
  it.each([
    ['by RateLimit', { headers: 'comma' }],
    ['by RateLimit-Reset alone', { headers: 'separate', retryAfter: false }],
    ['by X-Rate-Limit', { headers: 'x-rate-limit', retryAfter: false }],
    ['by Retry-After alone, in seconds', { headers: 'none' }],
    ['by Retry-After alone, as a date', { headers: 'none', retryAfter: 'date' }],
  ] as const)(
    'no lane sends anything before its time: %s',
    async (_, told) => {
      sandbox.control.setRateLimit({ limit: 4, windowSeconds: 1, ...told })
      const [records, created] = await Promise.all([readLeads(), createLeads(20), lookOften(10)])
      // The reading meets some of the leads that are made meanwhile.
      expect(records).toBeGreaterThanOrEqual(1800)
      expect(created).toBe(20)
      for (const [group, { refused, early }] of judge()) {
        expect(refused, `${group}: refused`).toBeLessThanOrEqual(underWay)
        expect(early, `${group}: early`).toBeLessThan(underWay)
      }
    },
    60_000,
  )

  it('by a failure that names a time, no lane sends anything before it', async () => {
    const target = '/api/v1/data/search/'
    const headers = { 'retry-after': '2' }
    sandbox.control.addFault({ target, kind: 'status', status: 503, headers, skip: 12 })
    expect(await readLeads()).toBe(1800)
    const searches = sandbox.control.requests().filter(({ path }) => path === target)
    const failed = searches.find(({ status }) => status === 503)
    if (failed === undefined) throw new Error('no request failed')
    const early = searches.filter((each) => each.number > failed.number && atMs(each) < atMs(failed) + 2_000)
    expect(early.length).toBeLessThan(underWay)
  })
})
