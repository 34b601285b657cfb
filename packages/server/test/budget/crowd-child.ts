/*
 * A process whose consumers ask Close again and again through the shared budget, as flows and passes do. Argument: its
 * orders as JSON. It says that it is there, hears when to begin and to end, and says how often each was answered.
 */
import { once } from 'node:events'
import { readRateLimit, readWait, systemClock } from '@latchwork/close'
import { Secret } from '@latchwork/vault'
import { openBudgets } from '../../src/budget/budgets.ts'
import { openDatabase } from '../../src/database/open.ts'
import { ordersSchema, timesSchema } from './crowd-orders.ts'

const orders = ordersSchema.parse(JSON.parse(process.argv[2] ?? ''))
const databaseUrl = new Secret(orders.databaseUrl)
const database = await openDatabase({ databaseUrl, dataDir: '/' })
const budgets = openBudgets({ database, databaseUrl, clock: systemClock })
const budget = budgets.of('orga')
const said = once(process, 'message')
process.send?.('there')
const [message] = await said
const times = timesSchema.parse(message)

async function play({ name, key, apiKey, priority }: (typeof orders.consumers)[number]) {
  const headers = { authorization: `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}` }
  const counts = { name, answered: 0, refused: 0 }
  while (Date.now() < times.untilMs) {
    const signal = AbortSignal.timeout(times.untilMs - Date.now())
    const permit = await budget
      .acquire({ group: 'GET me', key, consumer: name, priority, signal })
      .catch((error: unknown) => {
        if (!signal.aborted) throw error
        return null
      })
    if (permit === null) break
    const answer = await fetch(`${orders.apiUrl}/api/v1/me/`, { headers })
    await answer.arrayBuffer()
    const isRefused = answer.status === 429
    if (isRefused) counts.refused += 1
    else if (Date.now() >= times.fromMs) counts.answered += 1
    const holdSeconds = isRefused ? readWait(answer.headers, Date.now(), true) : undefined
    const holds = holdSeconds === undefined ? {} : { holdMs: holdSeconds * 1_000 }
    permit.release({ ...readRateLimit(answer.headers), ...holds })
  }
  return counts
}

const counts = await Promise.all(orders.consumers.map(play))
await budgets.close()
await database.close()
process.send?.(counts)
process.disconnect()
