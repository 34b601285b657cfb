import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dropped, json, pair, refusal } from './authorize/token-server.ts'
import { codeOf, RefreshGround } from './refresh-ground.ts'

/* A refresh token that was sent and not answered for, by this process or by one that died. */
let ground: RefreshGround
beforeAll(async () => {
  ground = await RefreshGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())
beforeEach(() => ground.reset())

describe('#20 an answer that did not arrive', () => {
  it.each([
    ['nothing', dropped],
    ['a page', json('<html>')],
    ['half a pair', json({ token_type: 'Bearer' })],
  ])('(%s) is asked for once more with the same refresh token', async (_, lost) => {
    const { id } = await ground.credential(0)
    ground.server.answers = [lost, pair(2)]
    expect((await ground.refresher().accessToken(id)).token).toBe('access-2')
    expect(ground.sent).toEqual(['refresh-1', 'refresh-1'])
    expect(await ground.row(id)).toMatchObject({
      status: 'verified',
      intentGeneration: null,
      leaseOwner: null,
    })
  })

  it('and a refusal of the second request mean a reason of their own', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [dropped, refusal('invalid_grant')]
    expect(await codeOf(ground.refresher().accessToken(id))).toBe('lost_rotation')
    expect(await ground.row(id)).toMatchObject({
      status: 'failed',
      reasonCode: 'lost_rotation',
      intentGeneration: null,
    })
  })

  it.each([
    ['nothing', dropped],
    ['a page', json('<html>')],
    ['half a pair', json({ token_type: 'Bearer' })],
    ['a gateway', json('', 504)],
    ['another refusal', refusal('invalid_request')],
  ])('twice (%s the second time) loses the grant: one retry is all', async (_, second) => {
    const { id } = await ground.credential(0)
    ground.server.answers = [json('<html>'), second, pair(2)]
    const refresher = ground.refresher()
    for (let again = 0; again < 3; again++) {
      expect(await codeOf(refresher.accessToken(id))).toBe('lost_rotation')
      ground.clock.forward(86_400_000)
    }
    expect(ground.sent).toHaveLength(2)
    expect(await ground.row(id)).toMatchObject({ status: 'failed', reasonCode: 'lost_rotation' })
  })

  it('is asked for under a lease of its own length', async () => {
    const { id } = await ground.credential(0)
    const leases: number[] = []
    const noted = (answer: typeof dropped) => async (response: Parameters<typeof dropped>[0]) => {
      leases.push((await ground.row(id)).leaseExpiresAt ?? 0)
      const { tables } = ground.stores.database
      await tables
        .updateTable('credentials')
        .set({ leaseExpiresAt: Date.now() + 5000 })
        .execute()
      await answer(response)
    }
    ground.server.answers = [noted(dropped), noted(pair(2))]
    await ground.refresher().accessToken(id)
    expect(leases[1]).toBeGreaterThan(Date.now() + 40_000)
  })

  it('is not asked for once another process has the lease', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [
      async (response) => {
        await ground.takeLeaseOver(id)
        await dropped(response)
      },
    ]
    ground.clock.whileSleeping = () => ground.saveElsewhere(id, 7)
    expect((await ground.refresher().accessToken(id)).token).toBe('access-7')
    expect(ground.sent).toHaveLength(1)
  })
})

describe('#20 what a dead process may have sent', () => {
  it('is waited for: who sent it may be about to save the answer', async () => {
    const { id } = await ground.deserted()
    ground.clock.whileSleeping = () => ground.saveElsewhere(id, 7)
    expect((await ground.refresher().accessToken(id)).token).toBe('access-7')
    expect([ground.sent, ground.clock.slept]).toEqual([[], [10_000]])
  })

  it('is not waited for when its app was refused', async () => {
    const { id, generation } = await ground.deserted()
    await ground.stores.credentials.update(id, { status: 'failed', reasonCode: 'oauth_client_rejected' })
    expect(await codeOf(ground.refresher().refresh(id, generation))).toBe('oauth_client_rejected')
    expect([ground.sent, ground.clock.slept]).toEqual([[], []])
  })

  it('is sent once more, and brings a pair', async () => {
    const { id, generation } = await ground.deserted()
    ground.server.answers = [pair(2)]
    expect((await ground.refresher().accessToken(id)).token).toBe('access-2')
    expect(await ground.row(id)).toMatchObject({ generation: generation + 1, intentGeneration: null })
  })

  it('stays in doubt for who only finds that it is newer than the one used', async () => {
    const { id, generation } = await ground.deserted()
    expect(await ground.refresher().refresh(id, generation - 1)).toMatchObject({ generation })
    expect(await ground.row(id)).toMatchObject({ intentGeneration: generation, leaseOwner: null })
    expect(ground.sent).toEqual([])
  })

  it('was spent if it is refused now', async () => {
    const { id } = await ground.deserted()
    ground.server.answers = [refusal('invalid_grant')]
    expect(await codeOf(ground.refresher().accessToken(id))).toBe('lost_rotation')
    expect(ground.sent).toHaveLength(1)
  })

  it.each([
    ['an outage', json({}, 503)],
    ['too many requests', json({}, 429)],
  ])('stays in doubt through %s, which says that nothing was done', async (_, answer) => {
    const { id, generation } = await ground.deserted()
    ground.server.answers = [answer]
    expect(await codeOf(ground.refresher().accessToken(id))).toBe('upstream_error')
    expect(ground.sent).toHaveLength(1)
    expect(await ground.row(id)).toMatchObject({
      intentGeneration: generation,
      intentRequests: 1,
      leaseOwner: null,
    })
  })

  it.each([
    ['another refusal', refusal('invalid_request')],
    ['silence', dropped],
    ['a page', json('<html>')],
  ])('is lost by %s to its one retry', async (_, answer) => {
    const { id } = await ground.deserted()
    ground.server.answers = [answer]
    expect(await codeOf(ground.refresher().accessToken(id))).toBe('lost_rotation')
    expect(ground.sent).toHaveLength(1)
  })

  it('stays in doubt through a refused app: its new secret gets the one retry', async () => {
    const { id, generation } = await ground.deserted()
    ground.server.answers = [refusal('invalid_client')]
    expect(await codeOf(ground.refresher().accessToken(id))).toBe('oauth_client_rejected')
    expect(await ground.row(id)).toMatchObject({ intentGeneration: generation, intentRequests: 1 })
    ground.server.answers = [refusal('invalid_grant')]
    expect(await codeOf(ground.refresher().refreshWithSecret(id, 'secret-2'))).toBe('lost_rotation')
  })

  it('is sent no third time when the process of the retry dies as well', async () => {
    const { id, generation } = await ground.deserted()
    await ground.die(id, generation)
    ground.server.answers = [pair(2)]
    expect(await codeOf(ground.refresher().accessToken(id))).toBe('lost_rotation')
    expect(ground.sent).toEqual([])
  })
})
