import { setTimeout as sleep } from 'node:timers/promises'
import { jitter } from '../../src/jobs/jitter.ts'
import { Ground } from './ground.ts'
import { type Step, steps } from './orders.ts'
import type { PeerKind } from './peer-kinds.ts'
import type { StoreKind } from './places.ts'
import { inRounds } from './rounds.ts'
import type { Worker } from './worker.ts'

/** A lease of 5 seconds in place of 45. */
const clockSpeed = 9

/** How often it ended how. */
type Sides = Record<string, number>

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
): Promise<Record<Step, Sides>> {
  await using ground = await Ground.prepare(store, peer, seed)
  const survivor = await ground.worker({ clockSpeed })
  const sides: Record<Step, Sides> = {
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
        sides[step][end] = (sides[step][end] ?? 0) + 1
      }),
    )
  })
  return sides
}

/**
 * In each round a process refreshes six credentials and is killed at a moment that the seed chooses, within as long as six
 * others took it before.
 */
export async function killsAtAnyMoment(
  store: StoreKind,
  peer: PeerKind,
  { rounds, seed }: Size,
): Promise<{ defined: number; undefined: Sides }> {
  await using ground = await Ground.prepare(store, peer, seed)
  const survivor = await ground.worker({ clockSpeed })
  const allowed: readonly string[] = ['saved, 1 sent', endAfterUse(peer)]
  const sides = { defined: 0, undefined: {} as Sides }
  await inRounds(rounds, async (round) => {
    const victim = await ground.worker({ clockSpeed })
    const [warmUp, ids] = await Promise.all([six(ground), six(ground)])
    const begunAtMs = performance.now()
    await Promise.all(warmUp.map((credentialId) => victim.order({ credentialId })))
    const tookMs = performance.now() - begunAtMs
    for (const credentialId of ids) victim.order({ credentialId }).catch(() => undefined)
    await sleep(jitter(`${seed} ${round}`) * tookMs)
    await victim.stop()
    for (const end of await Promise.all(ids.map((id) => goOn(ground, survivor, id)))) {
      if (allowed.includes(end)) sides.defined += 1
      else sides.undefined[end] = (sides.undefined[end] ?? 0) + 1
    }
  })
  return sides
}

function six(ground: Ground): Promise<string[]> {
  return Promise.all(steps.map(() => ground.credential()))
}

/** When its lease is over, another process asks for the credential: what it gets, in words, with whatever is not as it should be. */
async function goOn(ground: Ground, survivor: Worker, credentialId: string): Promise<string> {
  const { leaseExpiresAt } = await ground.row(credentialId)
  if (leaseExpiresAt !== null) await sleep(Math.max(0, leaseExpiresAt - Date.now()))
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

/** How it is to end when the refresh token was used and its pair is lost. */
function endAfterUse({ onReuse }: PeerKind): string {
  return onReuse === 'forgives' ? 'saved, 2 sent' : 'lost_rotation, 2 sent'
}

/** How a death at each of the steps is to end. */
export function endsOfKills(peer: PeerKind, rounds: number): Record<Step, Sides> {
  const once = { 'saved, 1 sent': rounds }
  const afterUse = { [endAfterUse(peer)]: rounds }
  return {
    before_intent: once,
    after_intent: once,
    before_post: once,
    after_post: afterUse,
    after_answer: afterUse,
    after_save: once,
  }
}
