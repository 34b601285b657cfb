import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Client, createClient, newId, type PassCreate } from '@latchwork/contract'
import { openStores } from '@latchwork/server'
import { createBrowserless } from '../tools/demo/browserless.ts'
import { type Demo, startDemo } from '../tools/demo/parts.ts'
import { freePort } from '../tools/test-processes/ports.ts'
import { startBareProxy } from './bare.ts'
import type { Bench, Measured } from './bench.ts'
import { type Answered, answered } from './load.ts'
import { missingPrograms, type NginxPlan, startNginx } from './nginx.ts'
import { median } from './rounds.ts'

const rounds = 3
const [few, many] = [10, 10_000]
const small = '/api/v1/lead/lead_small/'
const large = '/api/v1/lead/'
/** The least of nginx's rate that each must reach. */
const promised = { '1 KB': 0.5, '100 KB': 0.9, '100 KB, fields cut': 0.3 } as const
/** The least of the rate with few passes stored that is left with many. */
const leastWithMany = 0.9

/**
 * Calls through the gateway, with pass, rules, budget and call log, beside Debian's nginx and a bare proxy of Node, which
 * only add an `Authorization` header. All speak TLS to the caller, and ask the same upstream, which is nginx too. They take
 * turns.
 */
export const measureGateway: Bench = async (say, { full }) => {
  const missing = missingPrograms()
  if (missing.length > 0)
    return { lines: [`The gateway was not measured: it needs ${missing.join(' and ')}.`], faults: [] }
  const [upstreamPort, proxyPort, barePort] = [await freePort(), await freePort(), await freePort()]
  const demo = await startDemo({
    ...{ leads: 200, port: 0, say },
    settings: { LATCHWORK_CLOSE_API_URL: `http://127.0.0.1:${upstreamPort}` },
  })
  const apiKey = demo.sandbox.apiKeys[0]?.key ?? ''
  const records = demo.sandbox.control.truth(demo.sandbox.organizations[0]?.id ?? '', 'lead')
  const plan: NginxPlan = {
    ...{ upstreamPort, proxyPort, otherwise: demo.sandbox.apiUrl },
    answers: [
      {
        path: small,
        body: ofSize(1_000, (text) => ({ id: 'lead_small', name: 'Small', description: text })),
      },
      {
        path: large,
        body: ofSize(100_000, (text) => ({ data: records.slice(0, 40), has_more: false, padding: text })),
      },
    ],
    authorization: `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}`,
    certificateFile: demo.certificateFile,
    keyFile: join(demo.dataDir, 'tls', 'key.pem'),
  }
  const releases = [() => demo.stop()]
  try {
    releases.push((await startNginx(plan)).stop)
    releases.push(await startBareProxy(barePort, plan))
    const beside = { nginx: `https://127.0.0.1:${proxyPort}`, bare: `https://127.0.0.1:${barePort}` }
    return await measure(demo, apiKey, beside, { say, seconds: full ? 10 : 3 })
  } finally {
    for (const release of releases.toReversed()) await release()
  }
}

interface How {
  say(line: string): void
  readonly seconds: number
}

/** @param beside the addresses of what the gateway is compared with */
async function measure(
  demo: Demo,
  apiKey: string,
  beside: { readonly nginx: string; readonly bare: string },
  { say, seconds }: How,
): Promise<Measured> {
  const client = createClient({ baseUrl: demo.url, fetch: createBrowserless(demo.certificateFile) })
  await client.session.signIn({ body: { email: demo.email, password: demo.password } })
  const { id: credentialId } = await client.credentials.create({
    body: { connector: 'close', method: 'api_key', name: 'Bench', values: { apiKey } },
  })
  const whole = await passesOf(client, credentialId, few, 'Whole', undefined)
  const cut = await passesOf(client, credentialId, 1, 'Cut', {
    lead: { read: ['name', 'status_label', 'contacts'] },
  })
  const gateway = `${demo.url}/close`
  const lines = [
    'Calls a second through the gateway, nginx and a bare proxy of Node, from 16 connections',
    '| | gateway | p99 | nginx | p99 | of nginx | bare Node | p99 | of bare Node |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  ]
  const faults: string[] = []
  for (const [name, path, tokens] of [
    ['1 KB', small, whole],
    ['100 KB', large, whole],
    ['100 KB, fields cut', large, cut],
  ] as const) {
    const [ours, nginx, bare]: [Answered[], Answered[], Answered[]] = [[], [], []]
    for (let round = 0; round <= rounds; round += 1) {
      say(`${name}, round ${round} of ${rounds} ...`)
      const turns = [
        [gateway, ours],
        [beside.nginx, nginx],
        [beside.bare, bare],
      ] as const
      for (const [address, all] of turns) {
        const one = await answered({ url: `${address}${path}`, tokens, seconds })
        if (round > 0) all.push(one) // the first warms up
      }
    }
    const [ofNginx, ofBare] = [ratioOf(ours, nginx), ratioOf(ours, bare)]
    if (!(ofNginx >= promised[name]))
      faults.push(`${name}: ${ofNginx.toFixed(2)} of nginx, not ${promised[name]}`)
    lines.push(
      `| ${name} | ${shown(ours)} | ${shown(nginx)} | ${ofNginx.toFixed(2)} | ${shown(bare)} | ${ofBare.toFixed(2)} |`,
    )
  }
  const before = await rateOf(gateway, whole, seconds, say)
  await demo.server.end('SIGTERM')
  await storePasses(demo.dataDir, credentialId, many - few)
  await demo.server.restart()
  const after = await rateOf(gateway, whole, seconds, say)
  const left = after / before
  if (!(left >= leastWithMany)) faults.push(`with ${many} passes ${left.toFixed(2)} of the rate with ${few}`)
  lines.push('', `With ${many} passes stored: ${left.toFixed(2)} of the rate with ${few}.`)
  return { lines, faults }
}

/** A lead shows its children, its last calls and what was written: a pass that may read all that gets answers as they are. */
const onLeads = {
  lead: ['read'],
  contact: ['read'],
  opportunity: ['read'],
  task: ['read'],
  integration_link: ['read'],
  call: ['read'],
  email: ['read'],
} satisfies PassCreate['rules']['objects']

async function passesOf(
  client: Client,
  credentialId: string,
  count: number,
  name: string,
  fields: { lead: { read: string[] } } | undefined,
): Promise<readonly string[]> {
  const tokens: string[] = []
  for (let number = 1; number <= count; number += 1) {
    const rules = { objects: onLeads, ...(fields && { fields }) }
    const { token } = await client.passes.create({ body: { name: `${name} ${number}`, credentialId, rules } })
    tokens.push(token)
  }
  return tokens
}

async function rateOf(
  gateway: string,
  tokens: readonly string[],
  seconds: number,
  say: How['say'],
): Promise<number> {
  const rates: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    say(`many passes, round ${round} of ${rounds} ...`)
    rates.push((await answered({ url: `${gateway}${small}`, tokens, seconds })).perSecond)
  }
  return median(rates.slice(1))
}

/** While the server is down. The rows are those of passes that were made, but for what tells them apart. */
async function storePasses(dataDir: string, credentialId: string, count: number): Promise<void> {
  const stores = await openStores({ databaseUrl: null, dataDir })
  try {
    const { tables } = stores.database
    const model = await tables
      .selectFrom('passes')
      .selectAll()
      .where('credentialId', '=', credentialId)
      .executeTakeFirstOrThrow()
    for (let from = 0; from < count; from += 500) {
      const rows = Array.from({ length: Math.min(500, count - from) }, (_, index) => {
        const name = `Stored ${from + index}`
        const tokenHash = createHash('sha256').update(name).digest('hex')
        return {
          ...model,
          id: newId('pass'),
          name,
          sortName: name.toLowerCase(),
          searchName: name,
          tokenHash,
        }
      })
      await tables.insertInto('passes').values(rows).execute()
    }
  } finally {
    await stores.close()
  }
}

/** A text of about so many bytes, of ASCII. */
function ofSize(bytes: number, make: (text: string) => unknown): string {
  const bare = Buffer.byteLength(JSON.stringify(make('')))
  return JSON.stringify(make('x'.repeat(Math.max(0, bytes - bare))))
}

function ratioOf(ours: readonly Answered[], theirs: readonly Answered[]): number {
  return median(ours.map(({ perSecond }, round) => perSecond / (theirs[round]?.perSecond ?? Number.NaN)))
}

function shown(all: readonly Answered[]): string {
  const rate = median(all.map(({ perSecond }) => perSecond))
  return `${rate.toFixed(0)} | ${median(all.map(({ p99Ms }) => p99Ms)).toFixed(1)} ms`
}
