import { join } from 'node:path'
import { systemClock } from '@latchwork/close'
import type { Client, MethodDefinition } from '@latchwork/contract'
import {
  BucketNames,
  type OpenStores,
  openStores,
  openVault,
  Refresher,
  storedAccess,
} from '@latchwork/server'
import { Secret, type Vault } from '@latchwork/vault'
import pg from 'pg'
import { startPostgres } from '../tools/postgres.ts'
import type { Measured } from './bench.ts'
import { member } from './growth-rows.ts'
import { quantile } from './rounds.ts'
import { type BenchServer, startBenchServer } from './server-process.ts'

const rounds = 60
const warmingRounds = 5
/** The most that a time may grow from few credentials to many. */
const mostGrowth = 1.5
/**
 * A search takes longer if more credentials match. With many credentials it may take as long as this many first pages,
 * of 10 ms each.
 */
const mostPages = 10

interface Operation {
  readonly name: string
  /** The name of the first page with which a search is compared. */
  readonly page?: string
  readonly call: () => Promise<unknown>
}

interface Stand {
  readonly operations: readonly Operation[]
  close(): Promise<void>
}

/**
 * The time of an operation with few and with many stored credentials: lists, searches and single credentials over HTTP,
 * as the administrator and as a member. On PostgreSQL also the use of a secret and of a token in process. Two servers
 * take turns, call by call.
 */
export async function measureGrowth(say: (line: string) => void): Promise<Measured> {
  const postgres = await startPostgres()
  try {
    const onPostgres = await measureOn(
      'PostgreSQL',
      [1_000, 100_000],
      (size) => prepareOnPostgres(postgres.url, size),
      say,
    )
    const onSqlite = await measureOn('SQLite', [1_000, 10_000], prepareOnSqlite, say)
    return {
      lines: [...onPostgres.lines, '', ...onSqlite.lines],
      faults: [...onPostgres.faults, ...onSqlite.faults],
    }
  } finally {
    await postgres.stop()
  }
}

async function measureOn(
  database: string,
  sizes: readonly number[],
  prepare: (size: number) => Promise<Stand>,
  say: (line: string) => void,
): Promise<Measured> {
  const stands: Stand[] = []
  try {
    for (const size of sizes) {
      const startedAt = performance.now()
      stands.push(await prepare(size))
      say(
        `${database}: ${size} credentials stored, in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
      )
    }
    const { lines, faults } = await compare(stands, (name) => say(`${database}: ${name}`))
    const head = [
      `Milliseconds an operation, by credentials stored on ${database}`,
      `| | ${sizes.map((size) => size.toLocaleString('en')).join(' | ')} | ratio |`,
      `| --- |${' --- |'.repeat(sizes.length + 1)}`,
    ]
    return { lines: [...head, ...lines], faults: faults.map((fault) => `${database}: ${fault}`) }
  } finally {
    for (const stand of stands) await stand.close()
  }
}

async function compare(stands: readonly Stand[], say: (line: string) => void): Promise<Measured> {
  const lines: string[] = []
  const faults: string[] = []
  const timesOf = new Map<string, number[]>()
  for (const [at, { name, page }] of stands[0]?.operations.entries() ?? []) {
    say(name)
    const times: number[][] = stands.map(() => [])
    for (let round = -warmingRounds; round < rounds; round++) {
      for (const [index, { operations }] of stands.entries()) {
        const startedAt = performance.now()
        await operations[at]?.call()
        if (round >= 0) times[index]?.push(performance.now() - startedAt)
      }
    }
    const [few = [], many = []] = times
    timesOf.set(name, many)
    const beside = (page === undefined ? undefined : timesOf.get(page)) ?? few
    const ratio = (part: number) => quantile(many, part) / quantile(beside, part)
    const most = page === undefined ? mostGrowth : mostPages
    const unit = page === undefined ? '' : ' pages'
    const cells = times.map((each) => quantile(each, 0.5).toFixed(2))
    lines.push(`| ${name} | ${cells.join(' | ')} | ${ratio(0.5).toFixed(2)}${unit} |`)
    // Other programs slow only some calls down, so the quick calls must be over the limit, too.
    if (ratio(0.5) > most && ratio(0.25) > most)
      faults.push(`${name}: ${ratio(0.5).toFixed(2)}${unit}, more than ${most}`)
  }
  return { lines, faults }
}

async function prepareOnPostgres(postgresUrl: string, size: number): Promise<Stand> {
  const name = `growth_${size}`
  await query(postgresUrl, `create database ${name}`)
  const url = new URL(postgresUrl)
  url.pathname = `/${name}`
  const server = await startBenchServer(size, { LATCHWORK_DATABASE_URL: url.href }, 'growth')
  await query(url.href, 'vacuum analyze')
  const stores = await openStores({ databaseUrl: new Secret(url.href), dataDir: server.dataDir })
  const masterKeyFile = join(server.dataDir, 'master.key')
  const vault = await openVault({ masterKey: null, masterKeyFile }, stores.metadata)
  const close = async () => {
    await stores.close()
    await server.stop()
  }
  return { operations: [...(await readings(server)), ...(await usesOf(stores, vault))], close }
}

/** Only the server may open its file, so operations in process are not measured. */
async function prepareOnSqlite(size: number): Promise<Stand> {
  const server = await startBenchServer(size, {}, 'growth')
  return { operations: await readings(server), close: () => server.stop() }
}

async function query(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement)
  await client.end()
}

async function readings(server: BenchServer): Promise<Operation[]> {
  return [
    ...(await readingsOf('administrator', server.admin)),
    ...(await readingsOf('member', server.withToken(member.token))),
  ]
}

async function readingsOf(who: string, client: Client): Promise<Operation[]> {
  const list = (asked: Parameters<Client['credentials']['list']>[0] = {}) => client.credentials.list(asked)
  const { items, nextCursor } = await list()
  const [first] = items
  // The same at every size: a source, and a flow that reads it.
  const used = (await list({ query: { limit: 200 } })).items.find((item) => item.usageCount === 2)
  if (first === undefined || used === undefined) throw new Error(`the ${who} sees too little`)
  let cursor = nextCursor ?? ''
  for (let page = 2; page < 4; page++) cursor = (await list({ query: { cursor } })).nextCursor ?? cursor
  const params = { id: used.id }
  const lists = {
    'first page': () => list(),
    'fourth page': () => list({ query: { cursor } }),
    'newest first': () => list({ query: { sort: '-updatedAt' } }),
    'last used first': () => list({ query: { sort: '-lastUsedAt' } }),
    'failed ones': () => list({ query: { status: 'failed' } }),
    'of one connector': () => list({ query: { connector: 'postgres' } }),
    'one by its id': () => client.credentials.get({ params }),
    'what uses one': () => client.credentials.usage({ params }),
    'the health page': () => client.health.list({ query: {} }),
  }
  const searches = {
    'its whole name': first.name,
    'a part of a word': 'roducti',
    'the last company': 'tamarack',
    'a tag': 'quarterly',
    'two words': 'tamarack migration',
    'words that nothing has': 'zeppelin nowhere',
  }
  return [
    ...Object.entries(lists).map(([what, call]) => ({ name: `${who}: ${what}`, call })),
    ...Object.entries(searches).map(([what, words]) => ({
      name: `${who}: search, ${what}`,
      page: `${who}: first page`,
      call: () => list({ query: { query: words } }),
    })),
  ]
}

const secrets = {
  apiKey: new Secret('api_bench'),
  accessToken: new Secret('token'),
  refreshToken: new Secret('r'),
}
const used = 50
/** The method of those credentials, with the parts that a use needs. */
const signIn: MethodDefinition = {
  id: 'oauth2',
  label: 'OAuth 2.0',
  summary: '',
  bestFor: '',
  flow: 'oauth2',
  fields: [],
  guide: { title: '', steps: [], warnings: [], links: [] },
}

/** Some credentials get secrets that can be opened. They are used in turn. */
async function usesOf(stores: OpenStores, vault: Vault): Promise<Operation[]> {
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
    connectors: new Map(), // nothing is refreshed
    clock: systemClock,
    log: { info: quiet, warn: quiet, error: quiet },
    owner: 'bench',
    marginMs: 300_000,
    revoker: { revokeTokens: async () => undefined }, // nothing is deleted
  })
  const methodOf = () => signIn
  let turn = 0
  const next = () => ids[turn++ % ids.length] ?? ''
  const use = async () => {
    const row = await stores.credentials.find(next())
    if (row === null) throw new Error('a credential is gone')
    await stores.credentials.touch(row.id)
    await storedAccess(
      { buckets: new BucketNames(''), store: stores.credentials, vault, refresher, methodOf },
      row,
    ).secret('apiKey')
  }
  return [
    { name: 'use: open the secret, note the use', call: use },
    { name: 'use: hand out a token', call: () => refresher.accessToken(next()) },
  ]
}
