import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { placeOf, placeOfRow } from '../../src/credentials/secrets/sealing.ts'
import { dropped, json, oddities, pair, refusal } from './authorize/token-server.ts'
import { clientId, codeOf, marginMs, RefreshGround } from './refresh-ground.ts'

/* What becomes of a new pair: the old refresh token is spent, and the new one exists in one place only. */
let ground: RefreshGround
beforeAll(async () => {
  ground = await RefreshGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())
beforeEach(() => ground.reset())

/** A database that takes no pair, though it answers: as a full disk does. */
async function fillDisk(): Promise<void> {
  await sql`create trigger full_disk before update of sealed on credentials
    begin select raise(abort, 'database or disk is full'); end`.execute(ground.stores.database.tables)
}
async function emptyDisk(): Promise<void> {
  await sql`drop trigger if exists full_disk`.execute(ground.stores.database.tables)
}

describe('a pair that cannot be saved', () => {
  beforeEach(() => emptyDisk())

  it('is offered again, at growing distances, until the database takes it', async () => {
    const { id, generation } = await ground.credential(0)
    await fillDisk()
    ground.server.answers = [pair(2)]
    ground.clock.whileSleeping = async () => {
      if (ground.clock.slept.length === 6) await emptyDisk()
    }
    const { token, row } = await ground.refresher().accessToken(id)
    expect([token, row.generation]).toEqual(['access-2', generation + 1])
    expect(ground.clock.slept).toEqual([400, 800, 1600, 2000, 2000, 2000])
    expect(ground.sent).toHaveLength(1)
    expect(ground.errors.map(({ fields }) => fields['attempt'])).toEqual([1, 2, 3, 4, 5, 6])
    expect(ground.errors[0]).toMatchObject({
      fields: { credential: id, err: { message: 'database or disk is full' } },
      message: 'new tokens could not be saved yet',
    })
    // Counted from when the request was sent, however late the answer is saved.
    const sentAtMs = ground.clock.now() - 8800
    expect(row.accessTokenExpiresAt).toBe(sentAtMs + 3_600_000)
  })

  it('is kept under a lease that is renewed each time', async () => {
    const { id } = await ground.credential(0)
    await fillDisk()
    ground.server.answers = [pair(2)]
    const { tables } = ground.stores.database
    const leases: (number | null)[] = []
    ground.clock.whileSleeping = async () => {
      leases.push((await ground.row(id)).leaseExpiresAt)
      if (leases.length === 3) await emptyDisk()
      await tables.updateTable('credentials').set({ leaseExpiresAt: 1 }).where('id', '=', id).execute()
    }
    await ground.refresher().accessToken(id)
    for (const lease of leases) expect(lease).toBeGreaterThan(Date.now())
  })

  it('is offered for ten minutes; then the intent is left open', async () => {
    const { id, generation } = await ground.credential(0)
    await fillDisk()
    ground.server.answers = [pair(2)]
    const beganMs = ground.clock.now()
    await expect(ground.refresher().accessToken(id)).rejects.toThrow('disk is full')
    const tookMs = ground.clock.now() - beganMs
    expect(tookMs).toBeGreaterThanOrEqual(600_000)
    expect(tookMs).toBeLessThan(602_000)
    expect(await ground.row(id)).toMatchObject({ intentGeneration: generation })
    await emptyDisk()
  })
})

describe('#14 #20 a pair in an answer that is odd otherwise', () => {
  it.each(oddities)('is saved, with one request: %s', async (_, changes) => {
    const { id, generation } = await ground.credential(0)
    ground.server.answers = [pair(2, changes)]
    expect((await ground.refresher().accessToken(id)).token).toBe('access-2')
    expect(await ground.row(id)).toMatchObject({
      status: 'verified',
      generation: generation + 1,
      intentGeneration: null,
    })
    expect(ground.sent).toHaveLength(1)
    // What the next refresh is asked with.
    ground.clock.forward(30 * 86_400_000)
    ground.server.answers = [pair(3)]
    await ground.refresher().accessToken(id)
    expect(ground.sent).toEqual(['refresh-1', 'refresh-2'])
  })
})

describe('a credential that changed while its refresh was on the wire', () => {
  it('in a secret keeps that secret and the new pair', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [
      async (response) => {
        const row = await ground.row(id)
        const sealed = await ground.vault.reseal(placeOfRow(row), row.sealed, placeOf(id, 2), { extra: null })
        const changed = { sealed, secretVersion: 2, grantedScope: 'changed' }
        await ground.stores.credentials.update(id, changed, 1)
        await pair(2, { scope: undefined })(response)
      },
    ]
    const { row } = await ground.refresher().accessToken(id)
    expect(row).toMatchObject({ secretVersion: 3, grantedScope: 'changed' })
    expect(await ground.secrets(id)).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' })
  })

  it('by a newer pair keeps that one', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [
      async (response) => {
        await ground.saveElsewhere(id, 7)
        await pair(2)(response)
      },
    ]
    expect((await ground.refresher().accessToken(id)).token).toBe('access-7')
  })

  it.each([
    ['the new refresh token', pair(2), 'refresh-2'],
    [
      'the access token, where there is no new refresh token',
      pair(2, { refresh_token: undefined }),
      'access-2',
    ],
  ])('and is gone: %s is ended at Close', async (_, answer, token) => {
    const { id } = await ground.credential(0)
    ground.server.answers = [
      async (response) => {
        await ground.stores.credentials.update(id, { deletedAt: Date.now() })
        await answer(response)
      },
      json(''),
    ]
    expect(await codeOf(ground.refresher().accessToken(id))).toBe('credential_not_found')
    const [, revocation] = ground.server.seen
    expect(revocation?.path).toBe('/oauth2/revoke/')
    expect(Object.fromEntries(revocation?.form ?? [])).toEqual({
      token,
      client_id: clientId,
      client_secret: 'secret-1',
    })
  })
})

describe('another client secret', () => {
  it('is sent in place of the stored one, and saved with the pair that it brings', async () => {
    const { id, generation } = await ground.credential(marginMs * 2)
    ground.server.answers = [pair(2)]
    const row = await ground.refresher().refreshWithSecret(id, 'secret-2')
    expect(row.generation).toBe(generation + 1)
    expect(ground.server.seen[0]?.form.get('client_secret')).toBe('secret-2')
    expect(await ground.secrets(id)).toEqual({
      clientSecret: 'secret-2',
      accessToken: 'access-2',
      refreshToken: 'refresh-2',
    })
  })

  it.each(['invalid_client', 'unauthorized_client'])(
    'that Close refuses (%s) changes nothing',
    async (error) => {
      const before = await ground.credential(marginMs * 2)
      ground.server.answers = [refusal(error)]
      expect(await codeOf(ground.refresher().refreshWithSecret(before.id, 'wrong'))).toBe(
        'oauth_client_rejected',
      )
      expect(await ground.row(before.id)).toEqual(before)
    },
  )

  it('that Close refuses after an answer was lost leaves the intent open', async () => {
    const { id, generation } = await ground.credential(0)
    ground.server.answers = [dropped, refusal('invalid_client')]
    expect(await codeOf(ground.refresher().refreshWithSecret(id, 'wrong'))).toBe('oauth_client_rejected')
    expect(await ground.row(id)).toMatchObject({ intentGeneration: generation, status: 'verified' })
  })

  it('wakes a credential whose app was refused', async () => {
    const { id, generation } = await ground.credential(0, {
      status: 'failed',
      reasonCode: 'oauth_client_rejected',
    })
    ground.server.answers = [pair(2)]
    expect((await ground.refresher().refreshWithSecret(id, 'secret-2')).generation).toBe(generation + 1)
  })

  it('with a grant that has ended ends in that', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [refusal('invalid_grant')]
    expect(await codeOf(ground.refresher().refreshWithSecret(id, 'secret-2'))).toBe('grant_rejected')
    expect(await ground.row(id)).toMatchObject({ status: 'failed', reasonCode: 'grant_rejected' })
  })

  it('is tried again with a newer pair, if the refusal was of an older one', async () => {
    const { id } = await ground.credential(0)
    ground.server.answers = [
      async (response) => {
        await ground.saveElsewhere(id, 7)
        await refusal('invalid_grant')(response)
      },
      pair(8),
    ]
    await ground.refresher().refreshWithSecret(id, 'secret-2')
    expect(ground.sent).toEqual(['refresh-1', 'refresh-7'])
    expect(await ground.secrets(id)).toMatchObject({ clientSecret: 'secret-2', accessToken: 'access-8' })
  })

  it('waits for the refresh that is under way in this process', async () => {
    const { id } = await ground.credential(0)
    let under: Promise<unknown> = Promise.resolve()
    let together = 0
    const refresher = ground.refresher()
    ground.server.answers = [
      async (response) => {
        under = refresher.refreshWithSecret(id, 'secret-2')
        await new Promise((resolve) => setTimeout(resolve, 20))
        together = ground.sent.length
        await pair(2)(response)
      },
      pair(3),
    ]
    await refresher.accessToken(id)
    await under
    expect(together).toBe(1)
    expect(ground.sent).toEqual(['refresh-1', 'refresh-2'])
    expect(await ground.secrets(id)).toMatchObject({ clientSecret: 'secret-2', accessToken: 'access-3' })
  })

  it('waits also for one that fails', async () => {
    const { id } = await ground.credential(0)
    const refresher = ground.refresher()
    let under: Promise<unknown> = Promise.resolve()
    ground.server.answers = [
      async (response) => {
        under = refresher.refreshWithSecret(id, 'secret-2')
        await refusal('invalid_client')(response)
      },
      pair(2),
    ]
    expect(await codeOf(refresher.accessToken(id))).toBe('oauth_client_rejected')
    await under
    expect(ground.sent).toHaveLength(2)
  })

  it('waits for the lease, and is then tried though another pair was saved', async () => {
    const { id } = await ground.credential(0)
    await ground.takeLeaseOver(id)
    ground.server.answers = [pair(9)]
    ground.clock.whileSleeping = async () => {
      if (ground.clock.slept.length === 1) {
        await ground.saveElsewhere(id, 7)
        await ground.takeLeaseOver(id)
      } else await ground.stores.credentials.releaseLease(id, 'another process', true)
    }
    await ground.refresher().refreshWithSecret(id, 'secret-2')
    expect(ground.clock.slept).toHaveLength(2)
    expect(await ground.secrets(id)).toMatchObject({ clientSecret: 'secret-2', accessToken: 'access-9' })
  })

  it('#21 sends nothing of a grant that was given up meanwhile', async () => {
    const { id } = await ground.credential(0)
    await ground.takeLeaseOver(id)
    ground.clock.whileSleeping = () => ground.stores.credentials.failGrant(id, 0, 'lost_rotation', '')
    expect(await codeOf(ground.refresher().refreshWithSecret(id, 'secret-2'))).toBe('lost_rotation')
    expect(ground.sent).toEqual([])
  })

  it('of no credential is refused', async () => {
    expect(await codeOf(ground.refresher().refreshWithSecret('cred_none', 'x'))).toBe('credential_not_found')
  })
})
