import type { Clock } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import { Refresher } from '../../src/credentials/refresh/refresh.ts'
import { revokeGrant } from '../../src/credentials/tokens/token-client.ts'
import { closeConnectors, closeOAuth } from '../credentials/authorize/close-oauth.ts'
import { Ground } from './ground.ts'
import type { PeerKind } from './peer-kinds.ts'
import type { StoreKind } from './places.ts'

const days = 7
const hourMs = 3_600_000

export interface DeadGrantFigures {
  readonly tokenRequests: number
  /** What callers got, and how often. */
  readonly outcomes: Record<string, number>
}

/**
 * A grant is ended at the peer. For a week, every hour, callers ask for a token and for a refresh, and the tick looks for
 * what is due; each day in a new process.
 */
export async function outliveGrant(
  store: StoreKind,
  peer: PeerKind,
  seed: number,
): Promise<DeadGrantFigures> {
  await using ground = await Ground.prepare(store, peer, seed)
  const { line, stores, vault } = ground
  const id = await ground.credential()
  const row = await ground.row(id)
  const refreshToken = await vault.open(
    { table: 'credentials', rowId: id, version: 1 },
    row.sealed,
    'refreshToken',
  )
  if ((await revokeGrant(closeOAuth(line.url), ground.peer.app, refreshToken.reveal())) !== 'ended')
    throw new Error('the peer did not end the grant')

  let aheadMs = 0
  const clock: Clock = {
    now: () => Date.now() + aheadMs,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  }
  const quiet = () => undefined
  const outcomes: Record<string, number> = {}
  const ask = async (call: Promise<unknown>): Promise<void> => {
    const outcome = await call.then(
      () => 'ok',
      (error: unknown) => (error instanceof LatchworkError ? error.code : String(error)),
    )
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
  for (let day = 0; day < days; day++) {
    const refresher = new Refresher({
      store: stores.credentials,
      vault,
      connectors: closeConnectors(line.url),
      clock,
      log: { info: quiet, warn: quiet, error: quiet },
      owner: `day ${day}`,
      marginMs: 300_000,
      revoker: { revokeTokens: async () => undefined }, // nothing is deleted
    })
    for (let hour = 0; hour < 24; hour++) {
      aheadMs += hourMs
      await refresher.refreshAhead(new AbortController().signal)
      await ask(refresher.accessToken(id))
      await ask(refresher.refresh(id, (await ground.row(id)).generation))
    }
    await refresher.drain()
  }
  return { tokenRequests: line.requests(id), outcomes }
}
