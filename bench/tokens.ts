import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@latchwork/close'
import { newId } from '@latchwork/contract'
import { type OpenStores, openStores, openVault, Refresher } from '@latchwork/server'
import { Secret } from '@latchwork/vault'
import { startPostgres } from '../tools/postgres.ts'
import type { Measured } from './bench.ts'
import { newCredential } from './credentials.ts'
import { median, perSecond } from './rounds.ts'

const stored = 100
const rounds = 7
const secondsOfRound = 1
const callers = 8

/** Access tokens handed out per second, compared with only reading the row and opening the token. */
export async function measureTokens(say: (line: string) => void): Promise<Measured> {
  const postgres = await startPostgres()
  const dataDir = mkdtempSync(join(tmpdir(), 'latchwork-bench-'))
  try {
    const lines = [
      `Access tokens per second, ${callers} callers in one process, ${stored} credentials`,
      '| | handed out | row read and token opened | ratio |',
      '| --- | --- | --- | --- |',
    ]
    for (const databaseUrl of [null, new Secret(postgres.url)]) {
      const name = databaseUrl === null ? 'SQLite' : 'PostgreSQL'
      say(name)
      const stores = await openStores({ databaseUrl, dataDir })
      try {
        lines.push(`| ${name} | ${await compare(stores, dataDir)} |`)
      } finally {
        await stores.close()
      }
    }
    return { lines, faults: [] }
  } finally {
    await postgres.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function compare(stores: OpenStores, dataDir: string): Promise<string> {
  const masterKeyFile = join(dataDir, `${stores.kind}.key`)
  const vault = await openVault({ masterKey: null, masterKeyFile }, stores.metadata)
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
  const secrets = { accessToken: new Secret('token'), refreshToken: new Secret('refresh') }
  const ids: string[] = []
  for (let number = 1; number <= stored; number++) {
    const id = newId('credential')
    const sealed = await vault.seal({ table: 'credentials', rowId: id, version: 1 }, secrets)
    const accessTokenExpiresAt = Date.now() + 3_600_000
    const row = { id, method: 'oauth2', name: `Tokens ${number}`, sealed, accessTokenExpiresAt }
    await stores.credentials.insert(newCredential(row))
    ids.push(id)
  }
  let turn = 0
  const next = () => ids[turn++ % stored] ?? ''
  const plainly = async () => {
    const id = next()
    const row = await stores.database.tables
      .selectFrom('credentials')
      .select(['sealed', 'secretVersion'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const place = { table: 'credentials', rowId: id, version: row.secretVersion }
    return vault.open(place, JSON.parse(row.sealed), 'accessToken')
  }
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const handedOut = await perSecond(secondsOfRound, callers, () => refresher.accessToken(next()))
    const read = await perSecond(secondsOfRound, callers, plainly)
    if (round === 0) continue // warms up
    ours.push(handedOut)
    theirs.push(read)
  }
  const ratio = median(ours.map((each, round) => each / (theirs[round] ?? Number.NaN)))
  return `${median(ours).toFixed(0)} | ${median(theirs).toFixed(0)} | ${ratio.toFixed(2)}`
}
