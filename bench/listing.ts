import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@latchwork/contract'
import { createBrowserless } from '../tools/demo/browserless.ts'
import { freePort } from '../tools/demo/ports.ts'

const sizes = [10, 10_000]
const seconds = 4
const callers = 4

/** Pages of 10 credentials answered per second over HTTP, with few and with many stored, first and found by name. */
export async function measureListing(say: (line: string) => void): Promise<string[]> {
  const results: { first: number; found: number }[] = []
  for (const size of sizes) {
    say(`${size} credentials stored ...`)
    results.push(await withServer(size, measure))
  }
  const [few, many] = results
  const row = (what: string, a: number, b: number) =>
    `| ${what} | ${a.toFixed(0)} | ${b.toFixed(0)} | ${(b / a).toFixed(2)} |`
  return [
    'Lists of 10 credentials per second',
    `| | ${sizes[0]} stored | ${sizes[1]} stored | ratio |`,
    '| --- | --- | --- | --- |',
    row('first page', few?.first ?? 0, many?.first ?? 0),
    row('found by name', few?.found ?? 0, many?.found ?? 0),
  ]
}

async function measure(client: Client): Promise<{ first: number; found: number }> {
  const query = { limit: 10 }
  await perSecond(() => client.credentials.list({ query })) // warms up
  return {
    first: await perSecond(() => client.credentials.list({ query })),
    found: await perSecond(() => client.credentials.list({ query: { ...query, query: 'number 7' } })),
  }
}

async function perSecond(call: () => Promise<unknown>): Promise<number> {
  const end = performance.now() + seconds * 1000
  let count = 0
  const caller = async () => {
    for (; performance.now() < end; count++) await call()
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return count / seconds
}

async function withServer<T>(size: number, use: (client: Client) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchwork-bench-'))
  const port = await freePort()
  const password = 'a password for the bench'
  const child = spawn(process.execPath, [join(import.meta.dirname, 'listing-server.ts'), String(size)], {
    env: {
      LATCHWORK_DATA_DIR: dataDir,
      LATCHWORK_PORT: String(port),
      LATCHWORK_ADMIN_EMAIL: 'bench@latchwork.example',
      LATCHWORK_ADMIN_PASSWORD: password,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [chunk] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    if (child.exitCode !== null) throw new Error(`The server ended with status ${child.exitCode}.`)
    const baseUrl = String(chunk).trim()
    const client = createClient({ baseUrl, fetch: createBrowserless(join(dataDir, 'tls', 'cert.pem')) })
    await client.session.signIn({ body: { email: 'bench@latchwork.example', password } })
    return await use(client)
  } finally {
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
    rmSync(dataDir, { recursive: true, force: true })
  }
}
