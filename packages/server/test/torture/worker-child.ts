/*
 * A process that refreshes credentials by order: the real refresher on the real stores. It halts itself at a step by
 * wrapped parts (the store's methods, the process's fetch). Argument: its settings as JSON.
 */
import { join } from 'node:path'
import type { Clock } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { Refresher } from '../../src/credentials/refresh.ts'
import { openVault } from '../../src/master-key.ts'
import type { CredentialStore } from '../../src/stores/interfaces.ts'
import { openStores } from '../../src/stores/open.ts'
import { type Order, orderSchema, type Step, workerSettingsSchema } from './orders.ts'

const settings = workerSettingsSchema.parse(JSON.parse(process.argv[2] ?? ''))
const { databaseUrl, dataDir, closeUrl, owner, clockSkewMs, clockSpeed, leaseTtlMs } = settings

let order: Order | null = null
/** Once only: after SIGCONT the process goes on. */
function halt(step: Step): void {
  if (order === null || order.haltAt !== step) return
  const { signal } = order
  order = { ...order, haltAt: null }
  process.kill(process.pid, signal)
}

const startedAtMs = Date.now()
const clock: Clock = {
  now: () => startedAtMs + (Date.now() - startedAtMs) * clockSpeed + clockSkewMs,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / clockSpeed)),
}

const send = globalThis.fetch
globalThis.fetch = async (...request) => {
  halt('before_post')
  const answer = await send(...request)
  halt('after_answer')
  return answer
}

const stores = await openStores({
  databaseUrl: databaseUrl === null ? null : new Secret(databaseUrl),
  dataDir,
})
const { credentials } = stores
const store: CredentialStore = {
  ...credentials,
  acquireLease: (id, leaseOwner, ttlMs) => credentials.acquireLease(id, leaseOwner, leaseTtlMs ?? ttlMs),
  recordIntent: async (...intent) => {
    halt('before_intent')
    const recorded = await credentials.recordIntent(...intent)
    halt('after_intent')
    return recorded
  },
  saveTokens: async (...pair) => {
    const saved = await credentials.saveTokens(...pair)
    halt('after_save')
    return saved
  },
}
const quiet = () => undefined
const refresher = new Refresher({
  store,
  vault: await openVault({ masterKey: null, masterKeyFile: join(dataDir, 'master.key') }, stores.facts),
  endpoints: {
    closeApiUrl: closeUrl,
    closeAppUrl: closeUrl,
    redirectUri: 'https://localhost:8443/oauth/callback',
  },
  clock,
  log: { info: quiet, warn: quiet, error: quiet },
  owner,
  marginMs: 300_000,
})

async function call({ credentialId, generation }: Order): Promise<number | string> {
  try {
    return (await refresher.refresh(credentialId, generation)).generation
  } catch (error) {
    return error instanceof LatchworkError ? error.code : String(error)
  }
}

process.on('message', async (message) => {
  const given = orderSchema.parse(message)
  order = given
  const outcomes = await Promise.all(Array.from({ length: given.callers }, () => call(given)))
  process.send?.({ number: given.number, outcomes })
})
process.on('disconnect', () => process.exit())
process.send?.({ number: 0, outcomes: [] })
