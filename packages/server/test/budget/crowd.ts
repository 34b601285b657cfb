import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startSandbox } from 'close-sandbox'
import { bundleOf } from '../../../../tools/test-processes/bundle.ts'
import { bareEnvironment } from '../../../../tools/test-processes/environment.ts'
import { makePlace } from '../torture/places.ts'
import { type Consumer, countsSchema, type Orders } from './crowd-orders.ts'

/** A second for a key, and for the organization. */
const limits = { limit: 20, organizationLimit: 60, windowSeconds: 1 }
const [keys, processes] = [3, 3]
/** Until the limits are known. */
const startMs = 2_000

interface CrowdResult {
  /** The part of what was allowed that was used. */
  readonly used: number
  /** The smallest part of its fair share that a consumer got. */
  readonly leastShare: number
  readonly refused: number
  /** Requests sent with a key that had been told to wait, after the answer could have been heard of. */
  readonly sentWhileToldToWait: number
  readonly perConsumer: Readonly<Record<string, number>>
}

/** What `playCrowd` shows, as a proof says it: a number only where it is too small. */
export async function divideBudget({ seconds, least }: { readonly seconds: number; readonly least: number }) {
  const { used, leastShare, sentWhileToldToWait } = await playCrowd(seconds)
  const atLeast = (value: number, wanted: number) => (value >= wanted ? `at least ${wanted}` : value)
  return { used: atLeast(used, least), leastShare: atLeast(leastShare, 0.5), sentWhileToldToWait }
}

/** Four flows and six passes on three keys of one organization, in three processes, all asking as often as they may. */
async function playCrowd(seconds: number): Promise<CrowdResult> {
  const sandbox = await startSandbox({ rateLimit: { ...limits, headers: 'comma' } })
  const place = await makePlace('postgres')
  try {
    const { organizationId, userId } = sandbox.apiKeys[0] ?? { organizationId: '', userId: '' }
    const apiKeys = Array.from({ length: keys }, () => sandbox.control.createKey(userId, organizationId).key)
    const consumers: Consumer[] = Array.from({ length: 10 }, (_, index) => ({
      name: index < 4 ? `flow:${index}` : `pass:${index}`,
      key: `key ${index % keys}`,
      apiKey: apiKeys[index % keys] ?? '',
      priority: index < 4 ? 'backfill' : 'interactive',
    }))
    const orders = { databaseUrl: place.settings.databaseUrl?.reveal() ?? '', apiUrl: sandbox.apiUrl }
    const program = await bundleOf(join(import.meta.dirname, 'crowd-child.ts'))
    const children = Array.from({ length: processes }, (_, index) => {
      const own = consumers.filter((_each, at) => Math.floor(at / keys) % processes === index)
      const argument: Orders = { ...orders, consumers: own }
      return fork(program, [JSON.stringify(argument)], { env: bareEnvironment() })
    })
    await Promise.all(children.map(said))
    const fromMs = Date.now() + startMs
    const counted = await Promise.all(
      children.map(async (child) => {
        const answer = said(child)
        child.send({ fromMs, untilMs: fromMs + seconds * 1_000 })
        return countsSchema.parse(await answer)
      }),
    )
    const counts = counted.flat()
    const fairShare = (key: string) =>
      (limits.limit * seconds) / consumers.filter((each) => each.key === key).length
    const shares = consumers.map(({ name, key }) => {
      const answered = counts.find((each) => each.name === name)?.answered ?? 0
      return answered / fairShare(key)
    })
    return {
      used: counts.reduce((sum, { answered }) => sum + answered, 0) / (limits.limit * keys * seconds),
      leastShare: Math.min(...shares),
      refused: counts.reduce((sum, { refused }) => sum + refused, 0),
      sentWhileToldToWait: sentWhileToldToWait(sandbox.control.requests()),
      perConsumer: Object.fromEntries(counts.map(({ name, answered }) => [name, answered])),
    }
  } finally {
    await sandbox.close()
    await place.remove()
  }
}

/** @throws Error when it ends in place of saying something */
async function said(child: ChildProcess): Promise<unknown> {
  const over = new AbortController()
  const ended = once(child, 'exit', { signal: over.signal }).then(([status]) => {
    throw new Error(`a process of the crowd ended with ${status}`)
  })
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: over.signal }), ended])
    return message
  } finally {
    over.abort()
    ended.catch(() => undefined)
  }
}

/** So long a word of Close takes to be known by all processes. */
const newsMs = 100

function sentWhileToldToWait(
  requests: readonly { time: string; apiKeyId: string | null; askedToWaitMs: number | null }[],
): number {
  let sent = 0
  const told = new Map<string, { fromMs: number; untilMs: number }>()
  for (const { time, apiKeyId, askedToWaitMs } of requests) {
    const atMs = Date.parse(time)
    const key = apiKeyId ?? ''
    const wait = told.get(key)
    if (wait !== undefined && atMs > wait.fromMs && atMs < wait.untilMs) sent += 1
    if (askedToWaitMs !== null) told.set(key, { fromMs: atMs + newsMs, untilMs: atMs + askedToWaitMs })
  }
  return sent
}
