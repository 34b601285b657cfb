import { Ground } from './ground.ts'
import type { Outcome, Step } from './orders.ts'
import type { PeerKind } from './peer-kinds.ts'
import type { StoreKind } from './places.ts'
import { inRounds } from './rounds.ts'
import type { Worker } from './worker.ts'

/** A lease of 5 seconds in place of 45. */
const clockSpeed = 9

/** Where a holder is stopped, and by how much its clock is set meanwhile. */
const stops = {
  before_intent: { step: 'before_intent', clockStepMs: 0 },
  after_intent: { step: 'after_intent', clockStepMs: 0 },
  clock_set_back: { step: 'after_intent', clockStepMs: -600_000 },
  clock_set_forward: { step: 'before_intent', clockStepMs: 600_000 },
  after_answer: { step: 'after_answer', clockStepMs: 0 },
} as const satisfies Record<string, { step: Step; clockStepMs: number }>
type Stop = keyof typeof stops

interface EndOfPause {
  /** What the one that was stopped got when it went on, and the other meanwhile. */
  readonly stopped: Outcome | undefined
  readonly other: Outcome | undefined
  readonly tokenRequests: number
  /** What the next caller gets, who asks for a newer pair than the one at hand. */
  readonly next: Outcome | undefined
}

/** How often it ended how. */
type Sides = Record<Stop, Record<string, number>>

/**
 * In each round a holder is stopped at each of the places, past its lease; another process, whose clock is 10 minutes
 * ahead, refreshes meanwhile; then the first goes on.
 */
export async function pauses(
  store: StoreKind,
  peer: PeerKind,
  { rounds, seed }: { readonly rounds: number; readonly seed: number },
): Promise<Sides> {
  await using ground = await Ground.prepare(store, peer, seed)
  const quick = await ground.worker({ clockSpeed, clockSkewMs: 600_000 })
  const sides: Sides = {
    before_intent: {},
    after_intent: {},
    clock_set_back: {},
    clock_set_forward: {},
    after_answer: {},
  }
  await inRounds(rounds, async () => {
    const played = Object.keys(stops).map(async (key) => {
      const stop = key as Stop // of the object above
      const end = inWords(await pause(ground, quick, stop))
      sides[stop][end] = (sides[stop][end] ?? 0) + 1
    })
    await Promise.all(played)
  })
  return sides
}

async function pause(ground: Ground, quick: Worker, stop: Stop): Promise<EndOfPause> {
  const { step, clockStepMs } = stops[stop]
  const slow = await ground.worker({ clockSpeed })
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
  await slow.stop()
  return { stopped, other, tokenRequests, next }
}

function inWords({ stopped, other, tokenRequests, next }: EndOfPause): string {
  return `stopped ${stopped}, other ${other}, ${tokenRequests} sent, next ${next}`
}

/** How each of the stops is to end. */
export function endsOfPauses({ onReuse }: PeerKind, rounds: number): Sides {
  const once = { 'stopped 1, other 1, 1 sent, next 2': rounds }
  const saved = {
    // The other's pair is there, and the one that was stopped lets go of its own.
    forgives: 'stopped 1, other 1, 2 sent, next 2',
    // The pair in hand corrects the other's mark that the token was lost.
    refuses: 'stopped 1, other lost_rotation, 2 sent, next 2',
    // The server has ended the grant, because its token came twice.
    revokes: 'stopped 1, other lost_rotation, 2 sent, next grant_rejected',
  }
  return {
    before_intent: once,
    after_intent: once,
    clock_set_back: once,
    clock_set_forward: once,
    after_answer: { [saved[onReuse]]: rounds },
  }
}
