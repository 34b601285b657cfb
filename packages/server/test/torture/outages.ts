import { setTimeout as sleep } from 'node:timers/promises'
import { Ground } from './ground.ts'
import type { Outcome } from './orders.ts'
import type { PeerKind } from './peer-kinds.ts'
import { breakable, type StoreKind } from './places.ts'

/** As long as the product's own wait for a file that something else has locked. */
const lockWaitMs = 1000

export interface EndOfOutage {
  readonly outcome: Outcome | undefined
  /** Of another process, which asks when the database is back. */
  readonly other: Outcome | undefined
  readonly tokenRequests: number
  readonly works: boolean
}

/**
 * The database goes away while the answer is on its way, and comes back after `outageMs`. With a `leaseTtlMs` that
 * ends meanwhile, another process is there to take the lease.
 */
export async function outage(
  store: StoreKind,
  peer: PeerKind,
  size: { readonly outageMs: number; readonly leaseTtlMs: number | null; readonly seed: number },
): Promise<EndOfOutage> {
  const { outageMs, leaseTtlMs, seed } = size
  await using ground = await Ground.prepare(store, peer, seed)
  await using database = await breakable(ground.place.settings)
  const [holder, rival] = await Promise.all([
    ground.worker({ leaseTtlMs, lockWaitMs }, database.settings),
    ground.worker({ leaseTtlMs, lockWaitMs }),
  ])
  const credentialId = await ground.credential()
  const halted = await ground.halt(holder, credentialId, 'after_post')
  database.cut()
  halted.goOn()
  await sleep(outageMs)
  const asked = rival.order({ credentialId })
  database.mend()
  const [[outcome], [other]] = await Promise.all([halted.outcomes, asked])
  const tokenRequests = ground.line.requests(credentialId)
  return { outcome, other, tokenRequests, works: await ground.works(credentialId) }
}
