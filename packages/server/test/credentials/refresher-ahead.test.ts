import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { jitter } from '../../src/jobs/jitter.ts'
import { json, pair, refusal } from './authorize/token-server.ts'
import { marginMs, RefreshGround } from './refresh-ground.ts'

/* What the tick refreshes before anybody waits for it. */
let ground: RefreshGround
beforeAll(async () => {
  ground = await RefreshGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())
beforeEach(() => ground.reset())

describe('refreshing ahead', () => {
  const ahead = (signal = new AbortController().signal) => ground.refresher().refreshAhead(signal)
  const erase = (ids: readonly string[]) => Promise.all(ids.map((id) => ground.stores.credentials.erase(id)))
  const several = (count: number, leftMs: number) =>
    Promise.all(Array.from({ length: count }, async () => (await ground.credential(leftMs)).id))
  beforeEach(async () => {
    const { items } = await ground.stores.credentials.list({ query: '', sort: 'name', limit: 100 })
    await erase(items.map(({ id }) => id))
  })

  it('replaces what is due by its own moment, and nothing else', async () => {
    ground.server.answers = [pair(2)]
    const due = await ground.credential(marginMs)
    const early = await ground.credential(3 * marginMs + 1)
    const dead = await ground.credential(marginMs, { status: 'failed', reasonCode: 'grant_rejected' })
    await ahead()
    expect((await ground.row(due.id)).generation).toBe(due.generation + 1)
    for (const other of [early, dead]) expect(await ground.row(other.id)).toEqual(other)
    expect(ground.sent).toHaveLength(1)
  })

  it('comes to each between three margins and one before its end, not to all at once', async () => {
    ground.server.answers = [pair(2)]
    const ids = await several(30, 2 * marginMs)
    await ahead()
    const done = await Promise.all(ids.map(async (id) => (await ground.row(id)).generation))
    expect(new Set(done)).toEqual(new Set([0, 1]))
  })

  it('goes on after one that fails', async () => {
    await several(3, marginMs)
    ground.server.answers = [refusal('invalid_grant'), json({}, 503), pair(2)]
    await ahead()
    expect(ground.sent).toHaveLength(3)
  })

  it('looks at all that expire soon, however many are not due yet', async () => {
    const idsWith = (prefix: string, isDue: (moment: number) => boolean, count: number) =>
      Array.from({ length: count * 10 }, (_, number) => `cred_${prefix}${number}`)
        .filter((id) => isDue(jitter(id)))
        .slice(0, count)
    const early = idsWith('a', (moment) => moment < 0.4, 1000)
    const [due = ''] = idsWith('z', (moment) => moment > 0.6, 1)
    const secrets = { clientSecret: 'secret-1', accessToken: 'access-1', refreshToken: 'refresh-1' }
    const sealed = await ground.seal(due, secrets)
    const { atomically } = ground.stores.database
    await atomically(async () => {
      for (const id of [...early, due]) await ground.credential(2 * marginMs, { id, sealed })
    })
    ground.server.answers = [pair(2)]
    await ahead()
    expect(ground.sent).toHaveLength(1)
    expect((await ground.row(due)).generation).toBe(1)
    await atomically(() => erase(early))
  })

  it('does ten at once, and looks again at each before it begins', async () => {
    const ids = await several(12, marginMs)
    const waiting: string[] = []
    let first = true
    ground.server.answers = [
      async (response) => {
        if (first) {
          first = false
          await expect.poll(() => ground.sent.length).toBe(10)
          // Meanwhile one of the other two is deleted, and one refreshed elsewhere.
          for (const id of ids) {
            const { generation, leaseOwner } = await ground.row(id)
            if (generation === 0 && leaseOwner === null) waiting.push(id)
          }
          const [deleted = '', refreshed = ''] = waiting
          await ground.stores.credentials.update(deleted, { deletedAt: Date.now() })
          await ground.saveElsewhere(refreshed, 7)
        }
        await pair(2)(response)
      },
    ]
    await ahead()
    expect(waiting).toHaveLength(2)
    expect(ground.sent).toHaveLength(10)
  })

  it('begins nothing any more when the server is to end', async () => {
    await several(11, marginMs)
    const ending = new AbortController()
    ground.server.answers = [
      (response) => {
        ending.abort()
        return pair(2)(response)
      },
    ]
    await ahead(ending.signal)
    expect(ground.sent).toHaveLength(10)
  })
})
