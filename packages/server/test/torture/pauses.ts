import { Ground } from './ground.ts'
import type { Outcome, Step } from './orders.ts'
import type { PeerKind } from './peer-kinds.ts'
import type { StoreKind } from './places.ts'
import { inRounds } from './rounds.ts'
import type { Worker } from './worker.ts'

/** A lease of 5 seconds in place of 45. */
const clockSpeed = 9

/** Where a holder is stopped. */
const stops = {
  before_intent: 'before_intent',
  after_intent: 'after_intent',
  after_answer: 'after_answer',
  clock_set_back: 'after_intent',
  clock_set_forward: 'before_intent',
} as const satisfies Record<string, Step>
type Stop = keyof typeof stops

/** Those that one process stands at, at once; and by how much its clock is set meanwhile. */
const processes: readonly { readonly at: readonly Stop[]; readonly clockStepMs: number }[] = [
  { at: ['before_intent', 'after_intent', 'after_answer'], clockStepMs: 0 },
  { at: ['clock_set_back'], clockStepMs: -600_000 },
  { at: ['clock_set_forward'], clockStepMs: 600_000 },
]

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
    const played = await Promise.all(processes.map((each) => pause(ground, quick, each)))
    for (const { stop, ...end } of played.flat()) {
      const words = inWords(end)
      sides[stop][words] = (sides[stop][words] ?? 0) + 1
    }
  })
  return sides
}

async function pause(
  ground: Ground,
  quick: Worker,
  { at, clockStepMs }: (typeof processes)[number],
): Promise<(EndOfPause & { readonly stop: Stop })[]> {
  const slow = await ground.worker({ clockSpeed })
  const standing = await Promise.all(
    at.map(async (stop) => {
      const credentialId = await ground.credential()
      return { stop, credentialId, halted: await ground.halt(slow, credentialId, stops[stop]) }
    }),
  )
  slow.signal('SIGSTOP')
  const others = await Promise.all(standing.map(({ credentialId }) => quick.order({ credentialId })))
  slow.signal('SIGCONT')
  // The clock is set once, whichever goes on first.
  for (const [index, { halted }] of standing.entries()) halted.goOn(index === 0 ? clockStepMs : 0)
  const ends = await Promise.all(
    standing.map(async ({ stop, credentialId, halted }, index) => {
      const [stopped] = await halted.outcomes
      const { generation } = await ground.row(credentialId)
      const tokenRequests = ground.line.requests(credentialId)
      const [next] = await quick.order({ credentialId, generation })
      return { stop, stopped, other: others[index]?.[0], tokenRequests, next }
    }),
  )
  await slow.stop()
  return ends
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
