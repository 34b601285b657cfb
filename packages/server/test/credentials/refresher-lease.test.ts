import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pair, refusal } from './authorize/token-server.ts'
import { codeOf, RefreshGround } from './refresh-ground.ts'

/* One process at a time: what a slow holder of the lease does, and what the others do. */
let ground: RefreshGround
beforeAll(async () => {
  ground = await RefreshGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())
beforeEach(() => ground.reset())

describe('#19 a process that was stopped after it took the lease', () => {
  it('for half a minute still sends', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [pair(2)]
    let openings = 0
    const opening = () => {
      openings += 1
      if (openings === 1) ground.clock.forward(30_000)
      ground.whileOpening = opening
    }
    ground.whileOpening = opening
    await ground.refresher().accessToken(id)
    // To send, to seal the pair, and to hand it out: no second attempt was needed.
    expect(openings).toBe(3)
  })

  it('for longer sends nothing under that lease, and takes another first', async () => {
    const { id } = await ground.credential(0)
    const { tables } = ground.stores.database
    ground.whileOpening = async () => {
      ground.clock.forward(30_001)
      const leaseExpiresAt = Date.now() + 14_999
      await tables.updateTable('credentials').set({ leaseExpiresAt }).where('id', '=', id).execute()
    }
    let leftMs = 0
    ground.server.answers = [
      async (response) => {
        leftMs = ((await ground.row(id)).leaseExpiresAt ?? 0) - Date.now()
        await pair(2)(response)
      },
    ]
    await ground.refresher().accessToken(id)
    expect(leftMs).toBeGreaterThan(15_000)
    expect(ground.sent).toHaveLength(1)
  })

  it('for longer leaves no doubt that was not there before', async () => {
    const { id } = await ground.credential(0)
    ground.whileOpening = () => ground.clock.forward(30_001)
    // Had the first intent stayed open, this refusal would be of a token in doubt.
    ground.server.answers = [refusal('invalid_grant')]
    expect(await codeOf(ground.refresher().accessToken(id))).toBe('grant_rejected')
    expect(ground.sent).toHaveLength(1)
  })

  it('for longer leaves a token in doubt that was in doubt before', async () => {
    const { id } = await ground.deserted()
    ground.whileOpening = () => ground.clock.forward(30_001)
    ground.server.answers = [refusal('invalid_grant')]
    expect(await codeOf(ground.refresher().accessToken(id))).toBe('lost_rotation')
  })

  it('sends nothing when another has taken the lease over, and takes what that one saved', async () => {
    const { id } = await ground.credential(0)
    ground.whileOpening = () => ground.takeLeaseOver(id)
    ground.clock.whileSleeping = () => ground.saveElsewhere(id, 7)
    expect((await ground.refresher().accessToken(id)).token).toBe('access-7')
    expect(ground.sent).toEqual([])
  })

  it('sends nothing when the credential was authorized anew, and lets go of the lease', async () => {
    const { id, generation } = await ground.credential(0)
    ground.whileOpening = () => ground.saveElsewhere(id, 7)
    expect((await ground.refresher().accessToken(id)).token).toBe('access-7')
    expect(ground.sent).toEqual([])
    expect(await ground.row(id)).toMatchObject({ generation: generation + 1, leaseOwner: null })
  })

  it('and whose refusal comes after a newer pair was saved, takes that one', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [
      async (response) => {
        await ground.saveElsewhere(id, 7)
        await refusal('invalid_grant')(response)
      },
    ]
    expect((await ground.refresher().accessToken(id)).token).toBe('access-7')
    expect(await ground.row(id)).toMatchObject({ status: 'verified', leaseOwner: null })
    expect(ground.warnings).toEqual([])
  })

  it('and whose refusal comes late leaves the newer pair in doubt that another process died with', async () => {
    const { id, generation } = await ground.credential(0)
    ground.server.answers = [
      async (response) => {
        await ground.saveElsewhere(id, 7)
        await ground.die(id, generation + 1)
        await refusal('invalid_grant')(response)
      },
    ]
    expect((await ground.refresher().accessToken(id)).token).toBe('access-7')
    expect(await ground.row(id)).toMatchObject({ intentGeneration: generation + 1, leaseOwner: null })
  })

  it('and whose refusal comes when another has the lease, waits for what that one finds out', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [
      async (response) => {
        await ground.takeLeaseOver(id)
        await refusal('invalid_grant')(response)
      },
    ]
    ground.clock.whileSleeping = () => ground.saveElsewhere(id, 7)
    expect((await ground.refresher().accessToken(id)).token).toBe('access-7')
    expect(ground.sent).toHaveLength(1)
  })
})

describe('#18 whoever finds the lease taken', () => {
  it('waits, looking again four times a second, and sends nothing', async () => {
    const { id } = await ground.credential(0)
    await ground.takeLeaseOver(id)
    ground.clock.whileSleeping = async () => {
      if (ground.clock.slept.length === 3) await ground.saveElsewhere(id, 7)
    }
    expect((await ground.refresher().accessToken(id)).token).toBe('access-7')
    expect(ground.clock.slept).toEqual([250, 250, 250])
    expect(ground.sent).toEqual([])
  })

  it('takes what another saved, though the lease is taken again', async () => {
    const { id } = await ground.credential(0)
    await ground.takeLeaseOver(id)
    ground.clock.whileSleeping = async () => {
      await ground.saveElsewhere(id, 7)
      await ground.takeLeaseOver(id)
    }
    expect((await ground.refresher().accessToken(id)).token).toBe('access-7')
    expect(ground.clock.slept).toEqual([250])
  })

  it('goes on itself when the lease is given back', async () => {
    const { id } = await ground.credential(0)
    await ground.takeLeaseOver(id)
    ground.server.answers = [pair(2)]
    ground.clock.whileSleeping = () => ground.stores.credentials.releaseLease(id, 'another process', true)
    expect((await ground.refresher().accessToken(id)).token).toBe('access-2')
    expect(ground.clock.slept).toEqual([250])
  })

  it.each(['grant_rejected', 'lost_rotation'])('learns that the grant ended: %s', async (reason) => {
    const { id, generation } = await ground.credential(0)
    await ground.takeLeaseOver(id)
    const { failGrant, acquireLease } = ground.stores.credentials
    ground.clock.whileSleeping = async () => {
      await failGrant(id, generation, reason, '')
      await acquireLease(id, 'another process', 60_000)
    }
    expect(await codeOf(ground.refresher().accessToken(id))).toBe(reason)
    expect(ground.clock.slept).toEqual([250])
  })

  it('gives up after twice the time that a lease lasts, and says what to do', async () => {
    const { id } = await ground.credential(0)
    await ground.takeLeaseOver(id)
    await expect(ground.refresher().accessToken(id)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/another process.*try again in a minute/i),
    })
    expect(ground.clock.slept.length * 250).toBe(90_250)
  })

  it('learns that the credential was deleted meanwhile', async () => {
    const { id } = await ground.credential(0)
    await ground.takeLeaseOver(id)
    ground.clock.whileSleeping = async () =>
      void (await ground.stores.credentials.update(id, { deletedAt: Date.now() }))
    expect(await codeOf(ground.refresher().accessToken(id))).toBe('credential_not_found')
  })
})
