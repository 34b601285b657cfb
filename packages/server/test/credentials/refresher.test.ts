import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CredentialRow } from '../../src/credentials/store/row.ts'
import { json, pair, refusal } from './authorize/token-server.ts'
import { clientId, codeOf, marginMs, RefreshGround } from './refresh-ground.ts'

/* What a caller of the refresher gets, by the state of its token and by what Close answers. */
let ground: RefreshGround
beforeAll(async () => {
  ground = await RefreshGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())
beforeEach(() => ground.reset())

const failed = (reasonCode: string): Partial<CredentialRow> => ({ status: 'failed', reasonCode })
const later = (status: number, headers = {}) => json({}, status, headers)

describe('an access token', () => {
  it('that lasts is handed out with its row, and nothing is sent', async () => {
    const { id } = await ground.credential(marginMs + 1)
    expect(await ground.refresher().accessToken(id)).toEqual({ token: 'access-1', row: await ground.row(id) })
    expect(ground.sent).toEqual([])
  })

  it.each([marginMs, 10_001])(
    '#22 with %i ms left is handed out at once while it is refreshed behind',
    async (leftMs) => {
      const { id } = await ground.credential(leftMs)
      ground.server.answers = [pair(2)]
      const refresher = ground.refresher()
      expect((await refresher.accessToken(id)).token).toBe('access-1')
      await refresher.drain()
      expect((await refresher.accessToken(id)).token).toBe('access-2')
      expect(ground.sent).toEqual(['refresh-1'])
    },
  )

  it.each([10_000, 1])('with %i ms left is replaced before anything is handed out', async (leftMs) => {
    const { id } = await ground.credential(leftMs)
    ground.server.answers = [pair(2)]
    expect((await ground.refresher().accessToken(id)).token).toBe('access-2')
  })

  it('#22 in its last seconds is handed out all the same when it cannot be replaced', async () => {
    const { id } = await ground.credential(5000)
    ground.server.answers = [later(503)]
    expect((await ground.refresher().accessToken(id)).token).toBe('access-1')
    expect(ground.sent).toHaveLength(1)
  })

  it('that ended is replaced, or its caller is told why not', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [later(503), pair(2)]
    const refresher = ground.refresher()
    expect(await codeOf(refresher.accessToken(id))).toBe('upstream_error')
    ground.clock.forward(1001)
    expect((await refresher.accessToken(id)).token).toBe('access-2')
  })

  it('of a dead grant is served to its end, and then nothing is sent either (#21)', async () => {
    const { id } = await ground.credential(20_000, failed('grant_rejected'))
    const refresher = ground.refresher()
    expect((await refresher.accessToken(id)).token).toBe('access-1')
    await refresher.drain()
    ground.clock.forward(20_000)
    expect(await codeOf(refresher.accessToken(id))).toBe('grant_rejected')
    expect(ground.sent).toEqual([])
  })

  it.each([
    ['grant_rejected', 'grant_rejected'],
    ['access_revoked', 'grant_rejected'],
    ['lost_rotation', 'lost_rotation'],
    ['oauth_client_rejected', 'oauth_client_rejected'],
  ])('of a credential that failed by %s is refused with %s', async (reason, code) => {
    const { id } = await ground.credential(0, failed(reason))
    expect(await codeOf(ground.refresher().accessToken(id))).toBe(code)
    expect(await codeOf(ground.refresher().refresh(id, 0))).toBe(code)
    expect(ground.sent).toEqual([])
    expect((await ground.row(id)).leaseOwner).toBeNull()
  })

  it('of no credential, or of one that was never authorized, is refused', async () => {
    expect(await codeOf(ground.refresher().accessToken('cred_none'))).toBe('credential_not_found')
    expect(await codeOf(ground.refresher().refresh('cred_none', 0))).toBe('credential_not_found')
    const { id } = await ground.credential(marginMs * 2, { sealed: await ground.seal('x', {}) })
    expect(await codeOf(ground.refresher().accessToken(id))).toBe('not_authorized')
  })
})

describe('a refresh', () => {
  it('asks with the stored refresh token, client id and secret, after its intent was committed', async () => {
    const { id, generation } = await ground.credential(0)
    let row: CredentialRow | undefined
    const answer = pair(2)
    ground.server.answers = [
      async (response) => {
        row = await ground.row(id)
        await answer(response)
      },
    ]
    await ground.refresher('me').accessToken(id)
    expect(Object.fromEntries(ground.server.seen[0]?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
      client_id: clientId,
      client_secret: 'secret-1',
    })
    expect(row).toMatchObject({ intentGeneration: generation, leaseOwner: 'me' })
    // It ends, by answer or time-out, long before its lease: 15 seconds and 45.
    const leaseMs = (row?.leaseExpiresAt ?? 0) - (row?.intentAt ?? 0)
    expect(leaseMs).toBeGreaterThan(40_000)
    expect(leaseMs).toBeLessThanOrEqual(45_000)
  })

  it('#16 stores the whole answer: both tokens, lifetime, scope; intent and lease are over', async () => {
    const before = await ground.credential(0)
    ground.server.answers = [pair(2, { expires_in: 1200, scope: 'less' })]
    const { row } = await ground.refresher().accessToken(before.id)
    expect(row).toEqual({
      ...before,
      sealed: row.sealed,
      secretVersion: before.secretVersion + 1,
      generation: before.generation + 1,
      grantedScope: 'less',
      accessTokenExpiresAt: ground.clock.now() + 1_200_000,
    })
    const secrets = { clientSecret: 'secret-1', accessToken: 'access-2', refreshToken: 'refresh-2' }
    expect(await ground.secrets(before.id)).toEqual(secrets)
  })

  it('#17 no new refresh token in the answer: the old one is kept, and used again', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [pair(2, { refresh_token: undefined, scope: undefined }), pair(3)]
    const refresher = ground.refresher()
    const { row } = await refresher.accessToken(id)
    expect(await ground.secrets(id)).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-1' })
    expect(row.grantedScope).toBe('what was granted before')
    await refresher.refresh(id, row.generation)
    expect(ground.sent).toEqual(['refresh-1', 'refresh-1'])
  })

  it('can be had before it is due, but only of the generation that was used', async () => {
    const { id, generation } = await ground.credential(marginMs * 2)
    ground.server.answers = [pair(2)]
    const refresher = ground.refresher()
    const renewed = await refresher.refresh(id, generation)
    expect(renewed.generation).toBe(generation + 1)
    expect(await refresher.refresh(id, generation)).toMatchObject({ generation: generation + 1 })
    expect(ground.sent).toHaveLength(1)
    expect((await ground.row(id)).leaseOwner).toBeNull()
  })

  it('#18 is one for all callers of a process, who get the same', async () => {
    const { id, generation } = await ground.credential(0)
    ground.server.answers = [pair(2)]
    const refresher = ground.refresher()
    const rows = await Promise.all([
      ...Array.from({ length: 5 }, async () => (await refresher.accessToken(id)).row),
      refresher.refresh(id, generation),
    ])
    expect(new Set(rows.map((row) => row.generation))).toEqual(new Set([generation + 1]))
    expect(ground.sent).toHaveLength(1)
  })

  it('of a sign-in without a refresh token ends the grant, and nothing is sent', async () => {
    const { id } = await ground.credential(0)
    const sealed = await ground.seal(id, { accessToken: 'access-1', clientSecret: 'secret-1' })
    await ground.stores.credentials.update(id, { sealed })
    expect(await codeOf(ground.refresher().accessToken(id))).toBe('grant_rejected')
    expect(await ground.row(id)).toMatchObject({ status: 'failed', reasonCode: 'grant_rejected' })
    expect(ground.sent).toEqual([])
  })
})

describe('a refusal', () => {
  it.each([
    ['invalid_grant', 'grant_rejected'],
    ['invalid_client', 'oauth_client_rejected'],
    ['unauthorized_client', 'oauth_client_rejected'],
  ])('#21 by %s fails the credential with %s after one request', async (error, reasonCode) => {
    const { id } = await ground.credential(0)
    ground.server.answers = [refusal(error)]
    const refresher = ground.refresher()
    for (let again = 0; again < 3; again++) expect(await codeOf(refresher.accessToken(id))).toBe(reasonCode)
    expect(ground.sent).toHaveLength(1)
    expect(await ground.row(id)).toMatchObject({
      status: 'failed',
      reasonCode,
      leaseOwner: null,
      intentGeneration: null,
    })
    expect(ground.warnings).toEqual([
      { fields: { credential: id, code: reasonCode }, message: 'the grant of a credential ended' },
    ])
  })

  it.each([
    ['invalid_client', 1],
    ['invalid_grant', 0],
    ['unauthorized_client', 0],
    ['access_denied', 0],
  ])('by %s tells of a refused app: %i times', async (error, times) => {
    const { id } = await ground.credential(0)
    ground.server.answers = [refusal(error)]
    const reported: string[] = []
    const refresher = ground.refresher('this process', async (refused) => reported.push(refused.id))
    await refresher.accessToken(id).catch(() => undefined)
    expect(reported).toEqual(Array(times).fill(id))
    expect(ground.errors).toEqual([])
  })

  it('of the app is told although its other credentials could not be paused', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [refusal('invalid_client')]
    const away = new Error('the database is away')
    const refresher = ground.refresher('this process', () => Promise.reject(away))
    expect(await codeOf(refresher.accessToken(id))).toBe('oauth_client_rejected')
    const message = 'the credentials of a refused app were not paused'
    expect(ground.errors).toEqual([{ fields: { err: away, credential: id }, message }])
  })

  it('for another reason leaves the grant alone: the next attempt is like the first', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [refusal('invalid_request'), refusal('invalid_grant')]
    const refresher = ground.refresher()
    expect(await codeOf(refresher.accessToken(id))).toBe('oauth_failed')
    expect(await ground.row(id)).toMatchObject({
      status: 'verified',
      leaseOwner: null,
      intentGeneration: null,
    })
    ground.clock.forward(1001)
    expect(await codeOf(refresher.accessToken(id))).toBe('grant_rejected')
  })
})
