import type { Sandbox } from 'close-sandbox'
import type { Bench } from './bench.ts'
import { makeFlow, makeGround, runToEnd, toFile } from './ground.ts'

/** About 100,000 records in all streams together. */
const leads = 7_500
const perSecond = 20
const least = 0.95
/** What was under way when another request was told to wait arrives within this time. */
const underWayMs = 250

type Logged = ReturnType<Sandbox['control']['requests']>[number]

/**
 * Everything of an account whose key may send 20 requests a second to each group of endpoints: how much of that is used
 * where most is read, and whether anything is sent to a group that has told to wait.
 */
export const measureAllowance: Bench = async (say) => {
  const ground = await makeGround(leads, say)
  try {
    const { demo, client } = ground
    const { control } = demo.sandbox
    const flow = await makeFlow(
      ground,
      'Everything',
      toFile('everything.jsonl'),
      { object: 'streams' },
      { everything: true, deletions: 'leave', sameRecords: 'both' },
    )
    control.setRateLimit({ limit: perSecond })
    control.clearRequests()
    say('everything ...')
    const run = await runToEnd(client, flow)
    const requests = control.requests()
    const groups = Map.groupBy(requests, groupOf)
    const [searches = []] = [...groups.values()].toSorted((a, b) => b.length - a.length)
    const answered = searches.filter(({ status }) => status !== 429)
    const [first, last] = [answered.at(0), answered.at(-1)]
    const seconds =
      first === undefined || last === undefined ? Number.NaN : (timeOf(last) - timeOf(first)) / 1000
    const used = answered.length / (perSecond * seconds)
    const refused = requests.filter(({ status }) => status === 429).length
    const early = [...groups.values()].flatMap(sentTooEarly).length
    return {
      lines: [
        `Everything at ${perSecond} requests a second for each group of endpoints: ${run.recordsWritten} records`,
        '| requests | of the search | in seconds | of what is allowed | refused | sent while told to wait |',
        '| --- | --- | --- | --- | --- | --- |',
        `| ${requests.length} | ${answered.length} | ${seconds.toFixed(1)} | ${(used * 100).toFixed(1)} % | ${refused} | ${early} |`,
      ],
      faults: [
        ...(used >= least ? [] : [`${(used * 100).toFixed(1)} % of what is allowed was used`]),
        ...(early === 0 ? [] : [`${early} requests were sent while told to wait`]),
      ],
    }
  } finally {
    await ground.stop()
  }
}

/** As the sandbox counts: the method and the first part of the path. */
function groupOf({ method, path }: Logged): string {
  return `${method} ${path.replace(/^\/api\/v1/, '').split('/')[1] ?? ''}`
}

function timeOf({ time }: Logged): number {
  return Date.parse(time)
}

/** Requests of one group that came while it had told to wait, and can't have been under way then. */
function sentTooEarly(requests: readonly Logged[]): Logged[] {
  let told = { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.NEGATIVE_INFINITY }
  return requests.filter((request) => {
    const atMs = timeOf(request)
    const isEarly = atMs > told.fromMs && atMs < told.untilMs
    if (request.askedToWaitMs !== null)
      told = { fromMs: atMs + underWayMs, untilMs: atMs + request.askedToWaitMs }
    return isEarly
  })
}
