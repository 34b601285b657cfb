import { Ground } from './ground.ts'
import type { Outcome, Step } from './orders.ts'
import type { PeerKind } from './peer-kinds.ts'
import type { StoreKind } from './places.ts'

/** A lease of 3 seconds in place of 45. */
const clockSpeed = 15

export interface EndOfPause {
  /** What the one that was stopped got when it went on, and the other meanwhile. */
  readonly stopped: Outcome | undefined
  readonly other: Outcome | undefined
  readonly tokenRequests: number
  readonly generation: number
  /** What the next caller gets, who asks for a newer generation than the one at hand. */
  readonly next: Outcome | undefined
}

/**
 * A holder is stopped past its lease; another process, whose clock is 10 minutes ahead, refreshes meanwhile; then the
 * first goes on, its clock set by `clockStepMs`.
 */
export async function pause(
  store: StoreKind,
  peer: PeerKind,
  step: Step,
  { clockStepMs, seed }: { readonly clockStepMs: number; readonly seed: number },
): Promise<EndOfPause> {
  await using ground = await Ground.prepare(store, peer, seed)
  const [slow, quick] = await Promise.all([
    ground.worker({ clockSpeed }),
    ground.worker({ clockSpeed, clockSkewMs: 600_000 }),
  ])
  const credentialId = await ground.credential()
  const halted = await ground.halt(slow, credentialId, step)
  slow.signal('SIGSTOP')
  const [other] = await quick.order({ credentialId })
  slow.signal('SIGCONT')
  halted.goOn(clockStepMs)
  const [stopped] = await halted.outcomes
  const { generation } = await ground.row(credentialId)
  const tokenRequests = ground.line.requests(credentialId)
  const [next] = await quick.order({ credentialId, generation })
  return { stopped, other, tokenRequests, generation, next }
}
