import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dropped, json, pair, refusal } from './authorize/token-server.ts'
import { codeOf, RefreshGround } from './refresh-ground.ts'

/* A token endpoint that takes requests and gives no answer, for longer than a request and its one retry would last. */
let ground: RefreshGround
beforeAll(async () => {
  ground = await RefreshGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())
beforeEach(() => ground.reset())

const away = () => {
  ground.server.answers = [dropped]
  ground.server.probeAnswer = dropped
}
const back = () => {
  ground.server.answers = [pair(2)]
  ground.server.probeAnswer = refusal('invalid_request')
}

describe('#20 a token endpoint that gives no answer', () => {
  it('is waited for with the one retry: the grant is there when it answers again', async () => {
    const { id, generation } = await ground.credential(0)
    away()
    const refresher = ground.refresher()
    for (let minute = 0; minute < 15; minute++) {
      expect(await codeOf(refresher.accessToken(id))).toBe('unreachable')
      expect(await ground.row(id)).toMatchObject({
        ...{ status: 'verified', intentGeneration: generation, intentRequests: 1, leaseOwner: null },
      })
      ground.clock.forward(60_000)
    }
    expect([ground.sent, ground.server.probes]).toEqual([['refresh-1'], 15])
    back()
    expect((await refresher.accessToken(id)).token).toBe('access-2')
    expect(ground.sent).toEqual(['refresh-1', 'refresh-1'])
  })

  it('is waited for by another process too, and by one that finds what a dead one sent', async () => {
    const { id } = await ground.deserted()
    away()
    expect(await codeOf(ground.refresher('a').accessToken(id))).toBe('unreachable')
    expect(await codeOf(ground.refresher('b').accessToken(id))).toBe('unreachable')
    expect(ground.sent).toEqual([])
    back()
    expect((await ground.refresher('c').accessToken(id)).token).toBe('access-2')
    expect(ground.sent).toEqual(['refresh-1'])
  })

  it('and had spent the token: the reason is the true one, after one retry', async () => {
    const { id } = await ground.credential(0)
    away()
    const refresher = ground.refresher()
    expect(await codeOf(refresher.accessToken(id))).toBe('unreachable')
    ground.clock.forward(60_000)
    back()
    ground.server.answers = [refusal('invalid_grant')]
    expect(await codeOf(refresher.accessToken(id))).toBe('lost_rotation')
    ground.clock.forward(60_000)
    expect(await codeOf(refresher.accessToken(id))).toBe('lost_rotation')
    expect(ground.sent).toHaveLength(2)
  })

  it('is not asked for nothing after an answer that can not be read: it answers', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [json('<html>'), pair(2)]
    expect((await ground.refresher().accessToken(id)).token).toBe('access-2')
    expect(ground.server.probes).toBe(0)
  })

  it('but tells to wait later is not asked until then', async () => {
    const { id } = await ground.deserted()
    ground.server.probeAnswer = json({}, 503, { 'retry-after': '90' })
    const refresher = ground.refresher()
    expect(await codeOf(refresher.accessToken(id))).toBe('upstream_error')
    ground.clock.forward(70_000)
    expect(await codeOf(refresher.accessToken(id))).toBe('upstream_error')
    expect([ground.sent, ground.server.probes]).toEqual([[], 1])
    back()
    ground.clock.forward(20_000)
    expect((await refresher.accessToken(id)).token).toBe('access-2')
  })

  it('and fails on every request for nothing is given the retry after a quarter of an hour', async () => {
    const { id } = await ground.deserted()
    ground.server.answers = [pair(2)]
    ground.server.probeAnswer = json({}, 500)
    const refresher = ground.refresher()
    expect(await codeOf(refresher.accessToken(id))).toBe('upstream_error')
    ground.clock.forward(16 * 60_000)
    expect((await refresher.accessToken(id)).token).toBe('access-2')
  })
})
