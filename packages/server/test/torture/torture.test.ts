import { describe, expect, it } from 'vitest'
import { makePostgresPlace } from '../stores/database.ts'
import { crashes, outage, pause, reuseModes, storm } from './proofs.ts'

/*
 * Each proof at a small size. The full sizes: npm run torture.
 */
const seed = 1
const timeout = 120_000

describe.each(reuseModes)('a server that treats a used refresh token so: $mode', (reuse) => {
  const forgiving = reuse.mode === 'grace'

  it('#18: 200 callers in 4 processes send one token request for each rotation', { timeout }, async () => {
    expect(await storm(makePostgresPlace, reuse, { rotations: 3, callers: 200, seed })).toEqual({
      rotations: 3,
      tokenRequests: 3,
      failedCallers: 0,
      lostGrants: 0,
    })
  })

  const saved = { next: 1, status: 'verified', reasonCode: null, works: true }
  const lost = { next: 'lost_rotation', status: 'failed', reasonCode: 'lost_rotation' }
  const afterUse = forgiving ? { ...saved, tokenRequests: 2 } : { ...lost, tokenRequests: 2 }
  it('#16 #20: killed at each step, it ends as defined and sends nothing more', { timeout }, async () => {
    const ends = await crashes(makePostgresPlace, reuse, seed)
    const quiet = { intentOpen: false, laterRequests: 0 }
    expect(ends).toMatchObject({
      before_intent: { ...saved, ...quiet, tokenRequests: 1 },
      after_intent: { ...saved, ...quiet, tokenRequests: 1 },
      before_post: { ...saved, ...quiet, tokenRequests: 1 },
      after_post: { ...afterUse, ...quiet },
      after_answer: { ...afterUse, ...quiet },
      after_save: { ...saved, ...quiet, tokenRequests: 1 },
    })
  })
})

describe('a holder stopped past its lease', () => {
  it.each(reuseModes)(
    '#19: before its request, sends none when it goes on ($mode)',
    { timeout },
    async (reuse) => {
      expect(await pause(makePostgresPlace, reuse, 'after_intent', seed)).toEqual({
        stopped: 1,
        other: 1,
        tokenRequests: 1,
        generation: 1,
        works: true,
      })
    },
  )

  it('#19: with the answer in hand, its save is refused once another pair was saved', {
    timeout,
  }, async () => {
    const reuse = { mode: 'grace', seconds: 60 } as const
    expect(await pause(makePostgresPlace, reuse, 'after_answer', seed)).toEqual({
      stopped: 1,
      other: 1,
      tokenRequests: 2,
      generation: 1,
      works: true,
    })
  })

  it('#19 #20: with the answer in hand, its save takes back that the token was lost', {
    timeout,
  }, async () => {
    expect(await pause(makePostgresPlace, { mode: 'refuse' }, 'after_answer', seed)).toEqual({
      stopped: 1,
      other: 'lost_rotation',
      tokenRequests: 2,
      generation: 1,
      works: true,
    })
  })
})

it('#16 #20: a database that is away during a save gets the pair when it is back', { timeout }, async () => {
  expect(await outage(makePostgresPlace, { mode: 'refuse' }, { outageMs: 3000, seed })).toEqual({
    outcome: 1,
    tokenRequests: 1,
    generation: 1,
    works: true,
  })
})
