import { setTimeout as sleep } from 'node:timers/promises'
import { jitter } from '../../src/health/jitter.ts'
import { Ground } from './ground.ts'
import { type Step, steps } from './orders.ts'
import type { PeerKind } from './peer-kinds.ts'
import type { StoreKind } from './places.ts'
import type { Worker } from './worker.ts'

/** A lease of 3 seconds in place of 45. */
const clockSpeed = 15
const roundsAtOnce = 3
/** A refresh takes about so long on an idle machine, from the order to its end. */
const refreshMs = 60

/** How often it ended how. */
type Ends = Record<string, number>

interface Size {
  readonly rounds: number
  readonly seed: number
}

/**
 * In each round one process refreshes a credential for each step, and is killed when every one has come to its step.
 * Another process goes on.
 */
export async function kills(
  store: StoreKind,
  peer: PeerKind,
  { rounds, seed }: Size,
): Promise<Record<Step, Ends>> {
  await using ground = await Ground.prepare(store, peer, seed)
  const survivor = await ground.worker({ clockSpeed })
  const ends: Record<Step, Ends> = {
    before_intent: {},
    after_intent: {},
    before_post: {},
    after_post: {},
    after_answer: {},
    after_save: {},
  }
  await inRounds(rounds, async () => {
    const victim = await ground.worker({ clockSpeed })
    const deaths = await Promise.all(
      steps.map(async (step) => {
        const credentialId = await ground.credential()
        await ground.halt(victim, credentialId, step)
        return { step, credentialId }
      }),
    )
    await victim.stop()
    await Promise.all(
      deaths.map(async ({ step, credentialId }) => {
        const end = await goOn(ground, survivor, credentialId)
        ends[step][end] = (ends[step][end] ?? 0) + 1
      }),
    )
  })
  return ends
}

/** In each round a process that refreshes six credentials is killed at a moment that the seed chooses. */
export async function killsAtAnyMoment(
  store: StoreKind,
  peer: PeerKind,
  { rounds, seed }: Size,
): Promise<Ends> {
  await using ground = await Ground.prepare(store, peer, seed)
  const survivor = await ground.worker({ clockSpeed })
  const ends: Ends = {}
  await inRounds(rounds, async (round) => {
    const victim = await ground.worker({ clockSpeed })
    const ids = await Promise.all(steps.map(() => ground.credential()))
    for (const credentialId of ids) victim.order({ credentialId }).catch(() => undefined)
    await sleep(jitter(`${seed} ${round}`) * refreshMs)
    await victim.stop()
    await Promise.all(
      ids.map(async (credentialId) => {
        const end = await goOn(ground, survivor, credentialId)
        ends[end] = (ends[end] ?? 0) + 1
      }),
    )
  })
  return ends
}

/** Another process asks for the credential: what it gets, in words, with whatever is not as it should be. */
async function goOn(ground: Ground, survivor: Worker, credentialId: string): Promise<string> {
  const [next] = await survivor.order({ credentialId })
  const requests = ground.line.requests(credentialId)
  await survivor.order({ credentialId, callers: 3 })
  const row = await ground.row(credentialId)
  const saved = next === 1 && row.generation === 1 && row.status === 'verified' && row.reasonCode === null
  const failed = row.generation === 0 && row.status === 'failed' && row.reasonCode === next
  const faults = [
    saved || failed ? '' : `state ${row.status} ${row.reasonCode} ${row.generation}`,
    saved && !(await ground.works(credentialId)) ? 'the saved token is refused' : '',
    ground.line.requests(credentialId) > requests ? 'sends again' : '',
    row.intentGeneration === null && row.leaseOwner === null ? '' : 'an intent or a lease is left',
  ]
  return [saved ? 'saved' : String(next), `${requests} sent`, ...faults.filter((each) => each !== '')].join(
    ', ',
  )
}

async function inRounds(rounds: number, play: (round: number) => Promise<void>): Promise<void> {
  const waiting = Array.from({ length: rounds }, (_, round) => round)
  const work = async () => {
    for (let round = waiting.shift(); round !== undefined; round = waiting.shift()) await play(round)
  }
  await Promise.all(Array.from({ length: roundsAtOnce }, work))
}
