import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../tools/postgres.ts'
import type { Measured } from './bench.ts'
import { type Ground, makeFlow, makeGround, runToEnd, secondsOf, toFile } from './ground.ts'
import { median } from './rounds.ts'
import { during } from './usage.ts'

const leads = 20_000
/** The least that each ratio must be, by the time of a response. */
const promised = new Map([
  [0, 1.5],
  [100, 5],
])
const rounds = 3
const mostMegabytes = 100
const leastOfTables = 0.6

interface Took {
  readonly seconds: number
  readonly cpuSeconds: number
}

/**
 * 20,000 leads of about 4 kB from the sandbox to a JSONL file: through the whole of Latchwork (client, flow,
 * checkpoints, file), and by a plain loop that pages by `_skip`. The two take turns, and the middle of three rounds
 * counts. Then the same into a PostgreSQL table, beside the file.
 */
export async function measureExtraction(say: (line: string) => void): Promise<Measured> {
  const ground = await makeGround(leads, say)
  const folder = mkdtempSync(join(tmpdir(), 'latchwork-bench-'))
  const lines: string[] = []
  const faults: string[] = []
  try {
    const { demo, client } = ground
    const flow = await makeFlow(ground, 'To a file', toFile('bench.jsonl'))
    const through = () => during(demo.server.pid(), () => runToEnd(client, flow))
    const first = await through()
    const added = first.usage.peakMegabytes - first.usage.restMegabytes
    if (added > mostMegabytes) faults.push(`the first run added ${added.toFixed(0)} MB of memory`)
    lines.push(
      `Records per second, ${leads} leads to a JSONL file`,
      '| per response | Latchwork | sequential loop | ratio | CPU seconds for 100,000 | of the loop |',
      '| --- | --- | --- | --- | --- | --- |',
    )
    for (const [latencyMs, least] of promised) {
      demo.sandbox.control.setLatency(latencyMs)
      const ours: Took[] = []
      const theirs: Took[] = []
      for (let round = 1; round <= rounds; round += 1) {
        say(`${latencyMs} ms per response, round ${round} of ${rounds} ...`)
        theirs.push(await sequentialLoop(ground, join(folder, 'loop.jsonl')))
        const { result, usage } = await through()
        ours.push({ seconds: secondsOf(result), cpuSeconds: usage.cpuSeconds })
      }
      const rate = (took: Took[]) => leads / median(took.map(({ seconds }) => seconds))
      const cpu = (took: Took[]) =>
        ((median(took.map(({ cpuSeconds }) => cpuSeconds)) * 100_000) / leads).toFixed(1)
      const ratio = rate(ours) / rate(theirs)
      if (ratio < least) faults.push(`${latencyMs} ms: ${ratio.toFixed(2)} times the loop, not ${least}`)
      lines.push(
        `| ${latencyMs} ms | ${rate(ours).toFixed(0)} | ${rate(theirs).toFixed(0)} | ${ratio.toFixed(2)} | ${cpu(ours)} | ${cpu(theirs)} |`,
      )
    }
    demo.sandbox.control.setLatency(0)
    lines.push(
      '',
      `The first run added ${added.toFixed(0)} MB to the ${first.usage.restMegabytes.toFixed(0)} MB of the server at rest.`,
    )
    const tables = await intoTables(ground, flow, say)
    if (tables < leastOfTables) faults.push(`PostgreSQL: ${tables.toFixed(2)} of the rate into a file`)
    lines.push(`Into a PostgreSQL table: ${tables.toFixed(2)} of the rate into a file.`)
    return { lines, faults }
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await ground.stop()
  }
}

/** The rate into an empty table, as a part of the rate into a file. They take turns. */
async function intoTables(ground: Ground, toFileFlow: string, say: (line: string) => void): Promise<number> {
  const { client } = ground
  const postgres = await startPostgres()
  try {
    const { hostname, port, username, password, pathname } = new URL(postgres.url)
    const values = {
      ...{ host: hostname, port, database: pathname.slice(1), user: username, tls: 'disable' },
      password: password || 'none',
    }
    const { id } = await client.credentials.create({
      body: { connector: 'postgres', method: 'password', name: 'Tables', values },
    })
    const ratios: number[] = []
    for (let round = 1; round <= rounds; round += 1) {
      say(`into PostgreSQL, round ${round} of ${rounds} ...`)
      const flow = await makeFlow(ground, `To a table, round ${round}`, {
        ...{ connector: 'postgres', credentialId: id },
        config: { schema: 'public', table: `leads_${round}` },
      })
      const table = secondsOf(await runToEnd(client, flow))
      ratios.push(secondsOf(await runToEnd(client, toFileFlow)) / table)
    }
    return median(ratios)
  } finally {
    await postgres.stop()
  }
}

async function sequentialLoop({ demo, apiKey }: Ground, file: string): Promise<Took> {
  const script = join(import.meta.dirname, 'sequential-loop.ts')
  const child = spawn(process.execPath, [script, '--api', demo.sandbox.apiUrl, '--file', file], {
    env: { CLOSE_API_KEY: apiKey },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
  })
  await new Promise((resolve) => child.once('close', resolve))
  const { records, ...took }: Took & { records: number } = JSON.parse(output)
  if (records !== leads) throw new Error(`the loop read ${records}`)
  return took
}
