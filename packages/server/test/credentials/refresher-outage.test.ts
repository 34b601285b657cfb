import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { closeConnectors } from './authorize/close-oauth.ts'
import { json, pair } from './authorize/token-server.ts'
import { codeOf, marginMs, RefreshGround } from './refresh-ground.ts'

/* How often a server that is out of order is asked. */
let ground: RefreshGround
beforeAll(async () => {
  ground = await RefreshGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())
beforeEach(() => ground.reset())

const later = (status: number, headers = {}) => json({}, status, headers)

describe('#22 an outage', () => {
  it('is waited out: one request, then none until the pause is over, then the same refresh token', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [later(503), pair(2)]
    const refresher = ground.refresher()
    const outage = refresher.accessToken(id)
    expect(await codeOf(outage)).toBe('upstream_error')
    ground.clock.forward(499)
    const again = refresher.accessToken(id)
    expect(await codeOf(again)).toBe('upstream_error')
    expect(ground.sent).toHaveLength(1)
    ground.clock.forward(502)
    expect((await refresher.accessToken(id)).token).toBe('access-2')
    expect(ground.sent).toEqual(['refresh-1', 'refresh-1'])
  })

  it.each([
    ['that still works', marginMs],
    ['in its last seconds', 5000],
  ])('costs one request until the pause is over, whoever asks for a token %s', async (_, leftMs) => {
    await ground.stores.database.tables.deleteFrom('credentials').execute()
    const { id } = await ground.credential(leftMs)
    ground.server.answers = [later(429, { 'retry-after': '3' })]
    const refresher = ground.refresher()
    for (let again = 0; again < 3; again++) {
      expect((await refresher.accessToken(id)).token).toBe('access-1')
      await refresher.drain()
    }
    await refresher.refreshAhead(new AbortController().signal)
    expect(ground.sent).toHaveLength(1)
  })

  it('makes the pauses longer each time, from a second to a minute, until a pair comes', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [later(503)]
    const refresher = ground.refresher()
    for (let count = 1; count <= 8; count++) {
      const longestMs = Math.min(1000 * 2 ** (count - 1), 60_000)
      expect(await codeOf(refresher.accessToken(id))).toBe('upstream_error')
      ground.clock.forward(longestMs / 2 - 1)
      expect(await codeOf(refresher.accessToken(id))).toBe('upstream_error')
      expect(ground.sent).toHaveLength(count)
      ground.clock.forward(longestMs / 2 + 1)
    }
    expect(ground.warnings.map(({ fields }) => fields['failures'])).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(ground.warnings[0]).toEqual({
      fields: { credential: id, code: 'upstream_error', failures: 1 },
      message: 'a refresh was postponed',
    })
    ground.server.answers = [pair(2), later(503)]
    const { row } = await refresher.accessToken(id)
    expect(await codeOf(refresher.refresh(id, row.generation))).toBe('upstream_error')
    expect(ground.warnings.at(-1)?.fields['failures']).toBe(1)
  })

  it('lasts as long as the server says, for who insists too', async () => {
    const { id, generation } = await ground.credential(0)
    ground.server.answers = [later(429, { 'retry-after': '90' }), pair(2)]
    const refresher = ground.refresher()
    expect(await codeOf(refresher.accessToken(id))).toBe('upstream_error')
    ground.clock.forward(89_999)
    expect(await codeOf(refresher.accessToken(id))).toBe('upstream_error')
    expect(await codeOf(refresher.refresh(id, generation))).toBe('upstream_error')
    expect(ground.sent).toHaveLength(1)
    ground.clock.forward(1)
    expect((await refresher.refresh(id, generation)).generation).toBe(generation + 1)
  })

  it('is over at the very end of the pause', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [later(429, { 'retry-after': '90' }), pair(2)]
    const refresher = ground.refresher()
    expect(await codeOf(refresher.accessToken(id))).toBe('upstream_error')
    ground.clock.forward(90_000)
    expect((await refresher.accessToken(id)).token).toBe('access-2')
  })

  it('of the network is told apart from one of Close', async () => {
    const { id } = await ground.credential(0)
    // Nothing is sent there, and so nothing is in doubt.
    const nobody = closeConnectors('https://no-such-host.invalid')
    expect(await codeOf(ground.refresher('this process', undefined, nobody).accessToken(id))).toBe(
      'unreachable',
    )
    expect(await ground.row(id)).toMatchObject({ status: 'verified', intentGeneration: null })
  })
})
