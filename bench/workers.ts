import { once } from 'node:events'
import { spawnServer } from '../tools/demo/server-process.ts'
import { startPostgres } from '../tools/postgres.ts'
import type { Bench } from './bench.ts'
import { type Ground, makeFlow, makeGround, runToEnd, toFile } from './ground.ts'
import { median } from './rounds.ts'

const leads = 20_000
const latencyMs = 100
const rounds = 3
const least = 1.8
/** Few columns, so that both wait for Close rather than for a processor. */
const config = { object: 'leads', fields: 'name' }

/**
 * Two workers with a flow each, beside one worker with one flow: records per second at 100 ms a response. Each executes
 * one run at a time, and the server none.
 */
export const measureWorkers: Bench = async (say) => {
  const postgres = await startPostgres()
  const shared = { LATCHWORK_DATABASE_URL: postgres.url }
  const workers: ReturnType<typeof spawnServer>[] = []
  let ground: Ground | null = null
  try {
    ground = await makeGround(leads, say, { ...shared, LATCHWORK_RUNS_AT_ONCE: '0' })
    const { client, demo } = ground
    const settings = { ...demo.settings, LATCHWORK_RUNS_AT_ONCE: '1' }
    const flows = [
      await makeFlow(ground, 'First', toFile('first.jsonl'), config),
      await makeFlow(ground, 'Second', toFile('second.jsonl'), config),
    ]
    const secondsOfAll = async (count: number): Promise<number> => {
      const startedAt = performance.now()
      await Promise.all(flows.slice(0, count).map((flow) => runToEnd(client, flow)))
      return (performance.now() - startedAt) / 1000
    }
    const rates: number[] = []
    for (const count of [1, 2]) {
      workers.push(spawnServer(settings, 'worker'))
      await secondsOfAll(count) // until it has begun, and is warm
      demo.sandbox.control.setLatency(latencyMs)
      const seconds: number[] = []
      for (let round = 1; round <= rounds; round += 1) {
        say(`${count} of 2 workers, round ${round} of ${rounds} ...`)
        seconds.push(await secondsOfAll(count))
      }
      demo.sandbox.control.setLatency(0)
      rates.push((leads * count) / median(seconds))
    }
    const [one = Number.NaN, two = Number.NaN] = rates
    const ratio = two / one
    return {
      lines: [
        `Records per second, ${leads} leads with one column at ${latencyMs} ms per response`,
        '| one worker, one flow | two workers, two flows | ratio |',
        '| --- | --- | --- |',
        `| ${one.toFixed(0)} | ${two.toFixed(0)} | ${ratio.toFixed(2)} |`,
      ],
      faults: ratio >= least ? [] : [`two workers: ${ratio.toFixed(2)} times one, not ${least}`],
    }
  } finally {
    for (const worker of workers) if (worker.exitCode === null && worker.kill()) await once(worker, 'exit')
    await ground?.stop()
    await postgres.stop()
  }
}
