import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import type { Running } from '../running.ts'
import { codeOf } from './refresh-ground.ts'
import { RefreshWithClose } from './refresh-with-close.ts'

let ground: RefreshWithClose
let sandbox: Sandbox
let server: Running
let person: Browser
beforeAll(async () => {
  ground = await RefreshWithClose.start()
  ;({ sandbox, server, person } = ground.made)
  return ground.made.stop
})
afterEach(() => ground.reset())

describe('a token', () => {
  it('that is fresh is handed out as it is', async () => {
    const id = await ground.authorized()
    const { token } = await ground.refresher('a').accessToken(id)
    expect(await ground.works(token)).toBe(true)
    expect(ground.posts).toBe(0)
  })

  it('near its end is served while one caller refreshes', async () => {
    const id = await ground.authorized()
    const process = ground.refresher('a')
    const before = await process.accessToken(id)
    ground.forward(3_400_000)
    const served = await Promise.all(Array.from({ length: 40 }, () => process.accessToken(id)))
    expect(new Set(served.map(({ token }) => token))).toEqual(new Set([before.token]))
    await process.drain()
    expect(ground.posts).toBe(1)
    const after = await process.accessToken(id)
    expect(after.token).not.toBe(before.token)
    expect(await ground.works(after.token)).toBe(true)
    expect(await ground.row(id)).toMatchObject({
      generation: before.row.generation + 1,
      intentGeneration: null,
      leaseOwner: null,
    })
  })

  it('that ended is refreshed once for all callers of several processes', async () => {
    const id = await ground.authorized()
    ground.forward(3_700_000)
    const processes = ['a', 'b', 'c', 'd'].map((owner) => ground.refresher(owner))
    const served = await Promise.all(
      processes.flatMap((process) => Array.from({ length: 25 }, () => process.accessToken(id))),
    )
    expect(ground.posts).toBe(1)
    expect(new Set(served.map(({ token }) => token)).size).toBe(1)
    expect(await ground.works(served[0]?.token ?? '')).toBe(true)
  })

  it('is refreshed ahead by the tick', async () => {
    const id = await ground.authorized()
    ground.forward(3_400_000)
    const { generation } = await ground.row(id)
    await server.app.tick(new AbortController().signal)
    expect((await ground.row(id)).generation).toBe(generation + 1)
  })

  it('that Close refuses is refreshed once by a check, which then succeeds', async () => {
    const id = await ground.authorized()
    sandbox.control.expireAccessTokens()
    expect(await person.client.credentials.check({ params: { id } })).toMatchObject({ status: 'verified' })
    expect(ground.posts).toBe(1)
  })
})

describe('an answer that was lost', () => {
  it('before Close acted: one retry with the stored refresh token, and the grant lives', async () => {
    const id = await ground.authorized()
    ground.forward(3_700_000)
    sandbox.control.addFault({ target: 'token', kind: 'drop' })
    const { token } = await ground.refresher('a').accessToken(id)
    expect(await ground.works(token)).toBe(true)
    expect(ground.posts).toBe(2)
  })

  it.each([{ kind: 'drop' }, { kind: 'nonsense' }] as const)(
    'after Close acted ($kind): one retry, then a reason of its own, and no request any more',
    async ({ kind }) => {
      const id = await ground.authorized()
      ground.forward(3_700_000)
      sandbox.control.addFault({ target: 'token', kind, when: 'after' })
      const process = ground.refresher('a')
      expect(await codeOf(process.accessToken(id))).toBe('lost_rotation')
      expect(ground.posts).toBe(2)
      expect(await ground.row(id)).toMatchObject({
        status: 'failed',
        reasonCode: 'lost_rotation',
        intentGeneration: null,
      })
      for (let again = 0; again < 3; again++)
        expect(await codeOf(process.accessToken(id))).toBe('lost_rotation')
      expect(await codeOf(ground.refresher('b').accessToken(id))).toBe('lost_rotation')
      expect(ground.posts).toBe(2)
    },
  )

  it('with a server that forgives a second use at once, the retry brings the pair', async () => {
    const id = await ground.authorized()
    ground.forward(3_700_000)
    sandbox.control.setRefreshReuse({ mode: 'grace', seconds: 30 })
    sandbox.control.addFault({ target: 'token', kind: 'drop', when: 'after' })
    expect(await ground.works((await ground.refresher('a').accessToken(id)).token)).toBe(true)
  })
})

describe('a process that died', () => {
  /** Leaves what a process leaves that was killed after it committed its intent. */
  async function die(id: string): Promise<void> {
    const { credentials } = server.app.stores
    const { generation } = await ground.row(id)
    expect(await credentials.acquireLease(id, 'dead', 300)).not.toBeNull()
    expect(await credentials.recordIntent(id, 'dead', generation)).toBe(true)
  }

  it('before it sent anything: the next waits for its lease, then goes on with the same refresh token', async () => {
    const id = await ground.authorized()
    ground.forward(3_700_000)
    await die(id)
    const { token } = await ground.refresher('a').accessToken(id)
    expect(await ground.works(token)).toBe(true)
    expect(ground.posts).toBe(1)
  })

  it('with the answer in its hands: the grant is gone, and the reason says how', async () => {
    const id = await ground.authorized()
    ground.forward(3_700_000)
    const { sealed, secretVersion, values } = await ground.row(id)
    const place = { table: 'credentials', rowId: id, version: secretVersion }
    const secrets = await ground.vault.openAll(place, sealed)
    await die(id)
    const spent = await fetch(`${sandbox.apiUrl}/oauth2/token/`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: values['clientId'] ?? '',
        client_secret: secrets['clientSecret']?.reveal() ?? '',
        refresh_token: secrets['refreshToken']?.reveal() ?? '',
      }),
    })
    expect(spent.ok).toBe(true)
    expect(await codeOf(ground.refresher('a').accessToken(id))).toBe('lost_rotation')
    expect(await person.client.credentials.check({ params: { id } })).toMatchObject({
      status: 'failed',
      reason: { code: 'lost_rotation' },
    })
  })
})
