import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@latchwork/connectors'
import type { StoreKind } from './places.ts'
import { type Served, serve } from './served.ts'
import { Worker } from './worker.ts'

const days = 7
const dayMs = 86_400_000

/** How the answer to the first request is lost. */
export const losses = ['a page', 'two pages', 'SIGKILL'] as const
export type Loss = (typeof losses)[number]

export interface SpentTokenFigures {
  /** With the spent token, in a week. */
  readonly tokenRequests: number
  /** What each look at it found, in a week, without repetitions. */
  readonly states: readonly string[]
}

/**
 * A refresh token is spent, and the answer lost; Close ends the whole grant when it comes again. For a week a person and
 * the schedule check it and use it, each day in a new process.
 */
export async function spendToken(store: StoreKind, loss: Loss): Promise<SpentTokenFigures> {
  let aheadMs = 0
  const clock: Clock = {
    now: () => Date.now() + aheadMs,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  }
  await using served = await serve(store, { clock, refreshReuse: { mode: 'revoke_family' } })
  const { sandbox, server, person } = served
  const [id = ''] = await served.credentials(1)
  if (loss === 'SIGKILL') await killAfterAnswer(served, id)
  else {
    const times = loss === 'a page' ? 1 : 2
    sandbox.control.addFault({ target: 'token', kind: 'nonsense', when: 'after', times })
  }
  const params = { id }
  const states: string[] = []
  const look = async () => {
    const { status, reason } = await person.client.credentials.get({ params })
    const state = `${status}, ${reason?.code}`
    if (states.at(-1) !== state) states.push(state)
  }
  const { credentials } = server.app.stores
  const row = await credentials.find(id)
  await credentials.update(id, { accessTokenExpiresAt: Date.now() }, row?.secretVersion)
  for (let day = 0; day < days; day++) {
    await person.client.credentials.check({ params })
    await look()
    await server.app.stores.database.tables.updateTable('credentials').set({ nextCheckAt: 1 }).execute()
    await server.app.tick(new AbortController().signal)
    await look()
    aheadMs += dayMs
    await server.restart()
  }
  return { tokenRequests: served.sent().token, states }
}

/** As the one server of SQLite, or one of several on PostgreSQL. */
async function killAfterAnswer({ server, sandbox }: Served, credentialId: string): Promise<void> {
  const { databaseUrl, dataDir } = server.settings
  const victim = await Worker.start({
    databaseUrl: databaseUrl?.reveal() ?? null,
    dataDir,
    peerUrl: sandbox.apiUrl,
    owner: randomBytes(8).toString('hex'),
    clockSkewMs: 0,
    clockSpeed: 9,
    leaseTtlMs: null,
    lockWaitMs: 30_000,
  })
  await victim.halt({ credentialId }, 'after_answer')
  await victim.stop()
  if (databaseUrl === null) return server.restart()
  const row = await server.app.stores.credentials.find(credentialId)
  await sleep(Math.max(0, (row?.leaseExpiresAt ?? 0) - Date.now()))
}
