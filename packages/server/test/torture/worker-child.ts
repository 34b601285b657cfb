/*
 * A process that refreshes credentials by order: the real refresher on the real stores. It waits at a step by wrapped
 * parts (the store's methods, the process's fetch) until it is told to go on. Argument: its settings as JSON.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { join } from 'node:path'
import type { Clock } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { Refresher } from '../../src/credentials/refresh/refresh.ts'
import type { CredentialStore } from '../../src/credentials/store/credentials.ts'
import { openVault } from '../../src/master-keys/open.ts'
import { closeConnectors } from '../credentials/authorize/close-oauth.ts'
import {
  messageSchema,
  type Order,
  type Outcome,
  type Report,
  type Step,
  workerSettingsSchema,
} from './orders.ts'
import { openAmongOthers } from './places.ts'

const settings = workerSettingsSchema.parse(JSON.parse(process.argv[2] ?? ''))
const { databaseUrl, dataDir, peerUrl, owner, clockSkewMs, clockSpeed, leaseTtlMs, lockWaitMs } = settings

/** The process that gave the orders may be gone. */
const report = (each: Report) => process.send?.(each, undefined, undefined, () => undefined)
const orders = new AsyncLocalStorage<Order>()
const waiting = new Map<number, () => void>()

/** Once for each order. */
async function reach(step: Step): Promise<void> {
  const order = orders.getStore()
  if (order?.waitAt !== step || waiting.has(order.number)) return
  const goOn = new Promise<void>((resolve) => waiting.set(order.number, resolve))
  report({ number: order.number, reached: step })
  await goOn
}

const startedAtMs = Date.now()
let clockStepMs = clockSkewMs
const clock: Clock = {
  now: () => startedAtMs + (Date.now() - startedAtMs) * clockSpeed + clockStepMs,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / clockSpeed)),
}
const steadyNow = performance.now.bind(performance)
performance.now = () => steadyNow() * clockSpeed

const send = globalThis.fetch
globalThis.fetch = async (...request) => {
  await reach('before_post')
  const answer = await send(...request)
  await reach('after_answer')
  return answer
}

const stores = await openAmongOthers(
  { databaseUrl: databaseUrl === null ? null : new Secret(databaseUrl), dataDir },
  lockWaitMs,
)
const { credentials } = stores
const store: CredentialStore = {
  ...credentials,
  acquireLease: (id, leaseOwner, ttlMs) =>
    credentials.acquireLease(id, leaseOwner, Math.ceil((leaseTtlMs ?? ttlMs) / clockSpeed)),
  recordIntent: async (...intent) => {
    await reach('before_intent')
    const recorded = await credentials.recordIntent(...intent)
    await reach('after_intent')
    return recorded
  },
  saveTokens: async (...pair) => {
    const saved = await credentials.saveTokens(...pair)
    await reach('after_save')
    return saved
  },
}
const quiet = () => undefined
const refresher = new Refresher({
  store,
  vault: await openVault({ masterKey: null, masterKeyFile: join(dataDir, 'master.key') }, stores.metadata),
  connectors: closeConnectors(peerUrl),
  clock,
  log: { info: quiet, warn: quiet, error: quiet },
  owner,
  marginMs: 300_000,
  revoker: { revokeTokens: async () => undefined }, // nothing is deleted
})

async function call({ credentialId, generation }: Order): Promise<Outcome> {
  try {
    return (await refresher.refresh(credentialId, generation)).generation
  } catch (error) {
    return error instanceof LatchworkError ? error.code : String(error)
  }
}

process.on('message', async (message) => {
  const given = messageSchema.parse(message)
  if ('goOn' in given) {
    clockStepMs += given.clockStepMs
    waiting.get(given.goOn)?.()
    return
  }
  const outcomes = await orders.run(given, () =>
    Promise.all(Array.from({ length: given.callers }, () => call(given))),
  )
  report({ number: given.number, outcomes })
})
process.on('disconnect', () => process.exit())
report({ number: 0, outcomes: [] })
