import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient, type Run } from '@latchwork/contract'
import { createBrowserless } from '../tools/demo/browserless.ts'
import { type Demo, startDemo } from '../tools/demo/parts.ts'
import { beginRun } from '../tools/demo/run-flow.ts'
import type { Measured } from './bench.ts'
import { median } from './rounds.ts'

const leads = 20_000
const latenciesMs = [0, 100]
const rounds = 3

/**
 * 20,000 leads from the sandbox to a JSONL file: through the whole of Latchwork (client, flow, checkpoints, file), and
 * by a plain loop that pages by `_skip`. The two take turns, and the middle of three rounds counts.
 */
export async function measureExtraction(say: (line: string) => void): Promise<Measured> {
  const demo = await startDemo({ leads, port: 0, say })
  const folder = mkdtempSync(join(tmpdir(), 'latchwork-bench-'))
  try {
    const client = createClient({ baseUrl: demo.url, fetch: createBrowserless(demo.certificateFile) })
    await client.session.signIn({ body: { email: demo.email, password: demo.password } })
    const key = demo.sandbox.apiKeys[0]?.key ?? ''
    const body = { connector: 'close', method: 'api_key', name: 'Bench', values: { apiKey: key } }
    const credential = await client.credentials.create({ body })
    const rows: string[] = []
    for (const latencyMs of latenciesMs) {
      demo.sandbox.control.setLatency(latencyMs)
      const flow: number[] = []
      const loop: number[] = []
      for (let round = 1; round <= rounds; round++) {
        say(`${latencyMs} ms per response, round ${round} of ${rounds} ...`)
        loop.push(await sequentialLoop(demo, key, join(folder, 'loop.jsonl')))
        flow.push(await throughLatchwork(client, credential.id, `${latencyMs} ms, round ${round}`))
      }
      const [ours, theirs] = [leads / median(flow), leads / median(loop)]
      rows.push(
        `| ${latencyMs} ms | ${ours.toFixed(0)} | ${theirs.toFixed(0)} | ${(ours / theirs).toFixed(2)} |`,
      )
    }
    const lines = [
      `Records per second, ${leads} leads to a JSONL file`,
      '| per response | Latchwork | sequential loop | ratio |',
      '| --- | --- | --- | --- |',
      ...rows,
    ]
    return { lines, faults: [] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await demo.stop()
  }
}

/** Seconds from the start of the run to its end, by the server's own times. */
async function throughLatchwork(client: Client, credentialId: string, name: string): Promise<number> {
  const source = { connector: 'close', credentialId, config: { object: 'leads' } }
  const destination = {
    connector: 'files',
    credentialId: null,
    config: { file: 'bench.jsonl', format: 'jsonl' },
  }
  let run: Run = await beginRun(client, name, source, destination)
  while (run.finishedAt === null) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    run = await client.runs.get({ params: { id: run.id } })
  }
  if (run.recordsWritten !== leads)
    throw new Error(`${name}: ${run.recordsWritten} written: ${run.error?.message}`)
  return (Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt ?? '')) / 1000
}

async function sequentialLoop(demo: Demo, key: string, file: string): Promise<number> {
  const script = join(import.meta.dirname, 'sequential-loop.ts')
  const child = spawn(process.execPath, [script, '--api', demo.sandbox.apiUrl, '--file', file], {
    env: { CLOSE_API_KEY: key },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
  })
  await new Promise((resolve) => child.once('close', resolve))
  const result: { records: number; seconds: number } = JSON.parse(output)
  if (result.records !== leads) throw new Error(`the loop read ${result.records}`)
  return result.seconds
}
