import { join } from 'node:path'
import { systemClock } from '@latchwork/close'
import type { Client, MethodDefinition } from '@latchwork/contract'
import { type OpenStores, openStores, openVault, Refresher, storedAccess } from '@latchwork/server'
import { Secret, type Vault } from '@latchwork/vault'
import pg from 'pg'
import { startPostgres } from '../tools/postgres.ts'
import type { Measured } from './bench.ts'
import { fill, member } from './growth-rows.ts'
import { quantile } from './rounds.ts'
import { type BenchServer, startBenchServer } from './server-process.ts'

const sizes = [1_000, 100_000, 1_000_000]
const rounds = 60
const warmingRounds = 5
/** From the fewest to the most. */
const mostGrowth = 1.5

interface Stand {
  readonly server: BenchServer
  readonly stores: OpenStores
  readonly operations: ReadonlyMap<string, () => Promise<unknown>>
}

/**
 * What an operation costs with few and with many credentials stored, on PostgreSQL: lists, finding and looking at one
 * over HTTP, as the administrator and as a member; using one's secret and handing out a token in process. Three servers
 * take turns, call by call.
 */
export async function measureGrowth(say: (line: string) => void): Promise<Measured> {
  const postgres = await startPostgres()
  const stands: Stand[] = []
  try {
    for (const size of sizes) {
      const startedAt = performance.now()
      stands.push(await prepare(postgres.url, size))
      say(`${size} credentials stored, in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
    }
    return await compare(stands, say)
  } finally {
    for (const { server, stores } of stands) {
      await stores.close()
      await server.stop()
    }
    await postgres.stop()
  }
}

async function compare(stands: readonly Stand[], say: (line: string) => void): Promise<Measured> {
  const [least] = stands
  const lines = [
    'Milliseconds an operation, by credentials stored on PostgreSQL',
    `| | ${sizes.map((size) => size.toLocaleString('en')).join(' | ')} | ratio |`,
    `| --- |${' --- |'.repeat(sizes.length + 1)}`,
  ]
  const faults: string[] = []
  for (const name of least?.operations.keys() ?? []) {
    say(name)
    const times: number[][] = stands.map(() => [])
    for (let round = -warmingRounds; round < rounds; round++) {
      for (const [index, { operations }] of stands.entries()) {
        const startedAt = performance.now()
        await operations.get(name)?.()
        if (round >= 0) times[index]?.push(performance.now() - startedAt)
      }
    }
    const growth = (part: number) => {
      const [few = [], ...others] = times
      return quantile(others.at(-1) ?? [], part) / quantile(few, part)
    }
    const cells = [...times.map((each) => quantile(each, 0.5)), growth(0.5)].map((value) => value.toFixed(2))
    lines.push(`| ${name} | ${cells.join(' | ')} |`)
    // Beyond noise: what other programs add is in the slow calls, so the quick ones must have grown too.
    if (growth(0.5) > mostGrowth && growth(0.25) > mostGrowth)
      faults.push(`${name}: grows ${growth(0.5).toFixed(2)} times, more than ${mostGrowth}`)
  }
  return { lines, faults }
}

async function prepare(postgresUrl: string, size: number): Promise<Stand> {
  const name = `growth_${size}`
  const client = new pg.Client({ connectionString: postgresUrl })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  const url = new URL(postgresUrl)
  url.pathname = `/${name}`
  const server = await startBenchServer(0, { LATCHWORK_DATABASE_URL: url.href })
  const stores = await openStores({ databaseUrl: new Secret(url.href), dataDir: server.dataDir })
  const masterKeyFile = join(server.dataDir, 'master.key')
  const vault = await openVault({ masterKey: null, masterKeyFile }, stores.metadata)
  const sealed = await vault.seal({ table: 'credentials', rowId: 'another', version: 1 }, secrets)
  await fill(url.href, size, JSON.stringify(sealed))
  const operations = new Map([
    ...(await operationsOf('administrator', server.admin)),
    ...(await operationsOf('member', server.withToken(member.token))),
    ...(await usesOf(stores, vault)),
  ])
  return { server, stores, operations }
}

type Operations = [string, () => Promise<unknown>][]

async function operationsOf(who: string, client: Client): Promise<Operations> {
  const list = (query: Parameters<Client['credentials']['list']>[0] = {}) => client.credentials.list(query)
  const { items, nextCursor } = await list()
  const [first] = items
  // The same at every size: a source and a flow that reads it.
  const used = (await list({ query: { limit: 200 } })).items.find((item) => item.usageCount === 2)
  if (first === undefined || used === undefined) throw new Error(`the ${who} sees too little`)
  let cursor = nextCursor ?? ''
  for (let page = 2; page < 4; page++) cursor = (await list({ query: { cursor } })).nextCursor ?? cursor
  const params = { id: used.id }
  const query = { query: first.name }
  return [
    ['first page', () => list()],
    ['fourth page', () => list({ query: { cursor } })],
    ['newest first', () => list({ query: { sort: '-updatedAt' as const } })],
    ['failed ones', () => list({ query: { status: 'failed' as const } })],
    ['of one connector', () => list({ query: { connector: 'postgres' } })],
    ['by its whole name', () => list({ query })],
    ['by a part of a word', () => list({ query: { query: 'roducti' } })],
    ['by the last company', () => list({ query: { query: 'tamarack' } })],
    ['by a tag', () => list({ query: { query: 'quarterly' } })],
    ['by words that nothing has', () => list({ query: { query: 'zeppelin nowhere' } })],
    ['one by its id', () => client.credentials.get({ params })],
    ['what uses one', () => client.credentials.usage({ params })],
    ['the health page', () => client.health.list({ query: {} })],
  ].map(([what, call]) => [`${who}: ${String(what)}`, call as () => Promise<unknown>])
}

const secrets = {
  apiKey: new Secret('api_bench'),
  accessToken: new Secret('token'),
  refreshToken: new Secret('r'),
}
const used = 50
/** The method of those credentials, as far as using one asks for it. */
const signIn: MethodDefinition = {
  id: 'oauth2',
  label: 'OAuth 2.0',
  summary: '',
  bestFor: '',
  flow: 'oauth2',
  fields: [],
  guide: { title: '', steps: [], warnings: [], links: [] },
}

/** Some credentials get secrets that open, and are used in turn. */
async function usesOf(stores: OpenStores, vault: Vault): Promise<Operations> {
  const { items } = await stores.credentials.list({
    query: '',
    sort: '-lastUsedAt',
    limit: used,
    method: 'oauth2',
  })
  const ids: string[] = []
  for (const { id } of items) {
    const sealed = await vault.seal({ table: 'credentials', rowId: id, version: 1 }, secrets)
    await stores.credentials.update(id, { sealed })
    ids.push(id)
  }
  const quiet = () => undefined
  const refresher = new Refresher({
    store: stores.credentials,
    vault,
    endpoints: { closeApiUrl: '', closeAppUrl: '', redirectUri: '' }, // nothing is refreshed
    clock: systemClock,
    log: { info: quiet, warn: quiet, error: quiet },
    owner: 'bench',
    marginMs: 300_000,
    revoker: { end: async () => undefined }, // nothing is deleted
  })
  const methodOf = () => signIn
  let turn = 0
  const next = () => ids[turn++ % ids.length] ?? ''
  return [
    [
      'use: open the secret, note the use',
      async () => {
        const row = await stores.credentials.find(next())
        if (row === null) throw new Error('a credential is gone')
        await stores.credentials.touch(row.id)
        await storedAccess({ store: stores.credentials, vault, refresher, methodOf }, row).secret('apiKey')
      },
    ],
    ['use: hand out a token', () => refresher.accessToken(next())],
  ]
}
