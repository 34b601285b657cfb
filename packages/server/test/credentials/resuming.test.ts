import { errorCatalogue } from '@latchwork/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { judge } from '../../src/credentials/checks/judging.ts'
import { resumeApp } from '../../src/credentials/resume/resuming.ts'
import type { CredentialRow, NewCredential } from '../../src/credentials/store/row.ts'
import { pair, refusal } from './authorize/token-server.ts'
import { RefreshGround } from './refresh-ground.ts'

/* An OAuth app whose secret was replaced on one of its credentials: the others get it too. */
let ground: RefreshGround
beforeAll(async () => {
  ground = await RefreshGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())
beforeEach(async () => {
  ground.reset()
  const { tables } = ground.stores.database
  await tables.deleteFrom('credentials').execute()
  ground.server.answers = [pair(2)]
})

const refused = { status: 'failed', reasonCode: 'oauth_client_rejected' } as const
const paused = (changes: Partial<NewCredential> = {}) => ground.credential(0, { ...refused, ...changes })

/** Checks by using: whoever has the right secret gets a token. */
async function resume(accepted: CredentialRow, failing: readonly string[] = []): Promise<string[]> {
  const checked: string[] = []
  const recheck = async (id: string) => {
    checked.push(id)
    if (failing.includes(id)) throw new Error('the check failed')
    return (await ground.refresher().accessToken(id)).row
  }
  const { stores, vault, clock, log } = ground
  await resumeApp({ stores, vault, clock, log, records: { recheck } }, accepted, 'secret-2')
  return checked
}

describe('credentials that wait for the new secret of their app', () => {
  it('get it, are unverified, and are checked: all but the one that brought it', async () => {
    const accepted = await paused()
    const others = await Promise.all([paused(), paused()])
    ground.server.answers = [refusal('invalid_request')]
    ground.clock.forward(86_400_000)
    expect((await resume(accepted)).sort()).toEqual(others.map(({ id }) => id).sort())
    for (const { id } of others) {
      expect(await ground.secrets(id)).toEqual({
        clientSecret: 'secret-2',
        accessToken: 'access-1',
        refreshToken: 'refresh-1',
      })
      expect(await ground.row(id)).toMatchObject({
        status: 'unverified',
        reasonCode: 'never_checked',
        reasonMessage: errorCatalogue.never_checked.title,
        statusAt: ground.clock.now(),
        secretVersion: 2,
      })
    }
    expect(ground.server.seen.map(({ form }) => form.get('client_secret'))).toEqual(['secret-2', 'secret-2'])
    expect(await ground.row(accepted.id)).toEqual(accepted)
  })

  it('are those of this app, and for this reason only', async () => {
    const accepted = await paused()
    const others = await Promise.all([
      paused({ values: { clientId: 'another app' } }),
      paused({ reasonCode: 'lost_rotation' }),
      paused({ status: 'verified', reasonCode: null }),
    ])
    expect(await resume(accepted)).toEqual([])
    for (const other of others) expect(await ground.row(other.id)).toEqual(other)
    expect(await resume({ ...accepted, values: {} })).toEqual([])
  })

  it('are told by one alert, and only if the app was known to be refused', async () => {
    const accepted = await paused()
    const alerts = async () => (await ground.stores.alerts.list(null, 10)).map(({ kind }) => kind).sort()
    await resume(accepted)
    expect(await alerts()).toEqual([])
    await ground.stores.checks.observe({ ...judge(null, accepted), day: '2026-11-25' })
    await resume(accepted)
    await resume(accepted)
    expect(await alerts()).toEqual(['app_recovered', 'app_rejected'])
  })

  it('do not keep each other from it: one whose check fails is noted', async () => {
    const accepted = await paused()
    const others = await Promise.all(Array.from({ length: 7 }, () => paused()))
    const ids = others.map(({ id }) => id)
    const [failing = ''] = ids
    expect((await resume(accepted, [failing])).sort()).toEqual(ids.sort())
    expect(ground.errors).toEqual([
      {
        fields: { err: expect.objectContaining({ message: 'the check failed' }), credential: failing },
        message: 'a paused credential was not resumed',
      },
    ])
  })

  it('keep what somebody else changed in the same moment, and are not checked for it', async () => {
    const accepted = await paused()
    const { id } = await paused()
    ground.whileOpening = () => ground.saveElsewhere(id, 7)
    expect(await resume(accepted)).toEqual([])
    expect(await ground.secrets(id)).toMatchObject({ clientSecret: 'secret-1', accessToken: 'access-7' })
  })
})
