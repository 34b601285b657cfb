import type { Bench } from './bench.ts'
import { makeFlow, makeGround, runToEnd, toFile } from './ground.ts'
import { during } from './usage.ts'

const mostMegabytes = 300

/** The memory of a server whose run reads 1,000,000 records (without `--full`: 100,000). */
export const measureMemory: Bench = async (say, { full }) => {
  const leads = full ? 1_000_000 : 100_000
  const ground = await makeGround(leads, say)
  try {
    const flow = await makeFlow(ground, 'Very many', toFile('many.jsonl'))
    say(`${leads} records ...`)
    const { result, usage } = await during(ground.demo.server.pid(), () => runToEnd(ground.client, flow))
    const peak = usage.peakMegabytes
    return {
      lines: [
        `The server's memory in a run over ${result.recordsWritten} records`,
        '| at rest | at most | CPU seconds |',
        '| --- | --- | --- |',
        `| ${usage.restMegabytes.toFixed(0)} MB | ${peak.toFixed(0)} MB | ${usage.cpuSeconds.toFixed(0)} |`,
      ],
      faults: peak < mostMegabytes ? [] : [`the server had ${peak.toFixed(0)} MB`],
    }
  } finally {
    await ground.stop()
  }
}
