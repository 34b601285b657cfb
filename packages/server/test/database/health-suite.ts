import { newId } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import type { NewAlert } from '../../src/alerts/store.ts'
import type { Observation } from '../../src/credentials/store/checks.ts'
import { fromNow, newCredential } from './samples.ts'
import type { GetSubject } from './subject.ts'

export function describeHealth(getSubject: GetSubject): void {
  const alert = (changes: Partial<NewAlert> = {}): NewAlert => ({
    id: newId('alert'),
    kind: 'failed',
    credentialId: null,
    ownerId: 'usr_health',
    code: null,
    title: 'It failed',
    message: 'Why',
    ...changes,
  })
  const look = (credentialId: string, changes: Partial<Observation> = {}): Observation => ({
    credentialId,
    expectedAt: null,
    state: {
      observedAt: Date.parse('2026-01-02T03:04:05.678Z'),
      secretVersion: 1,
      status: 'failed',
      reasonCode: 'api_key_disabled',
      streak: 1,
    },
    day: '2026-01-02',
    reasonMessage: 'gone',
    raise: [],
    clear: [],
    tell: [],
    ...changes,
  })

  describe('health', () => {
    it('tells a condition once when it begins and once when it ends, whoever looks', async () => {
      const { stores, rival } = getSubject()
      const { id } = await stores.credentials.insert(newCredential())
      const ownerId = `usr_${id}`
      const reported = async () => (await stores.alerts.list(ownerId, 10)).map(({ kind }) => kind)
      const raise = () => [{ condition: `failed:${id}`, alert: alert({ ownerId }) }]
      const both = await Promise.all([
        stores.checks.observe(look(id, { raise: raise() })),
        rival.checks.observe(look(id, { raise: raise() })),
      ])
      expect(both.sort()).toEqual([false, true])
      const { state } = look(id)
      const later = { ...state, observedAt: Date.parse('2026-01-02T04:00:00.000Z'), streak: 2 }
      const again = look(id, { expectedAt: state.observedAt, state: later, raise: raise() })
      expect(await rival.checks.observe(again)).toBe(true)
      expect(await stores.checks.observe(again)).toBe(false)
      expect(await stores.checks.state(id)).toEqual(later)
      expect(await reported()).toEqual(['failed'])

      const good = {
        ...later,
        observedAt: Date.parse('2026-01-02T05:00:00.000Z'),
        status: 'verified',
        reasonCode: null,
      } as const
      const clear = [
        { conditions: [`failed:${id}`, `unreachable:${id}`], alert: alert({ kind: 'recovered', ownerId }) },
      ]
      await stores.checks.observe(look(id, { expectedAt: later.observedAt, state: good, clear }))
      const better = { ...good, observedAt: Date.parse('2026-01-02T06:00:00.000Z') }
      await stores.checks.observe(look(id, { expectedAt: good.observedAt, state: better, clear }))
      expect((await reported()).sort()).toEqual(['failed', 'recovered'])
      expect(await stores.alerts.count(ownerId, fromNow(-60_000))).toBe(2)
      expect(await stores.alerts.count(ownerId, fromNow(60_000))).toBe(0)
    })

    it('keeps the worst of each day', async () => {
      const { stores } = getSubject()
      const { id } = await stores.credentials.insert(newCredential())
      const { state } = look(id)
      let expectedAt: number | null = null
      const see = async (
        at: string,
        status: 'verified' | 'unverified' | 'failed',
        reasonCode: string | null,
      ) => {
        const next = { ...state, observedAt: Date.parse(at), status, reasonCode }
        await stores.checks.observe(look(id, { expectedAt, state: next, day: at.slice(0, 10) }))
        expectedAt = next.observedAt
      }
      await see('2026-02-01T01:00:00.000Z', 'verified', null)
      await see('2026-02-01T02:00:00.000Z', 'failed', 'api_key_disabled')
      await see('2026-02-01T03:00:00.000Z', 'verified', null)
      await see('2026-02-02T01:00:00.000Z', 'verified', 'role_narrowed')
      await see('2026-02-02T02:00:00.000Z', 'verified', null)
      const days = await stores.checks.days([id], '2026-01-31')
      expect(days.map(({ day, worst, reasonCode }) => [day, worst, reasonCode])).toEqual([
        ['2026-02-01', 'failed', 'api_key_disabled'],
        ['2026-02-02', 'verified', 'role_narrowed'],
      ])
      expect(await stores.checks.days([id], '2026-02-03')).toEqual([])
      expect(await stores.checks.days([], '2026-01-01')).toEqual([])
      await stores.checks.forget('2026-02-02')
      expect(await stores.checks.days([id], '2026-01-31')).toHaveLength(1)
    })

    it('gives a due check to one caller, and finds what has no time yet and what nobody has seen', async () => {
      const { stores, rival } = getSubject()
      const statusAt = fromNow(0)
      const { id } = await stores.credentials.insert(newCredential({ statusAt }))
      const draft = await stores.credentials.insert(
        newCredential({ status: 'draft', statusAt, draftExpiresAt: fromNow(60_000) }),
      )
      const unplanned = await stores.checks.unplanned(1_000_000)
      expect(unplanned).toContain(id)
      expect(unplanned).not.toContain(draft.id)
      await stores.checks.planCheck(id, -1000)
      const taken = await Promise.all([
        stores.checks.takeDue(1_000_000, 60_000),
        rival.checks.takeDue(1_000_000, 60_000),
      ])
      expect(taken.flat().filter((row) => row.id === id)).toHaveLength(1)
      expect((await stores.checks.takeDue(1_000_000, 60_000)).map((row) => row.id)).not.toContain(id)

      const unseen = async () =>
        (await stores.checks.unobserved(fromNow(-1000), 1_000_000)).map((row) => row.id)
      expect(await unseen()).toContain(id)
      expect(await unseen()).not.toContain(draft.id)
      await stores.checks.observe(look(id, { state: { ...look(id).state, observedAt: statusAt } }))
      expect(await unseen()).not.toContain(id)
    })

    it('pauses and finds the credentials of one OAuth app', async () => {
      const { stores } = getSubject()
      const clientId = newId('credential')
      const oauth = { method: 'oauth2', values: { clientId, scope: 'all' } }
      const one = await stores.credentials.insert(newCredential(oauth))
      const two = await stores.credentials.insert(newCredential({ ...oauth, status: 'unverified' }))
      const other = await stores.credentials.insert(newCredential())
      const draft = newCredential({ ...oauth, status: 'draft', draftExpiresAt: fromNow(60_000) })
      await stores.credentials.insert(draft)
      const working = await stores.checks.working(clientId)
      expect(working.map((row) => row.id).sort()).toEqual([one.id, two.id].sort())
      expect(await stores.checks.hasWorking(clientId)).toBe(true)
      const changed = { id: one.id, secretVersion: one.secretVersion + 1 }
      expect(await stores.checks.pause(clientId, [changed], 'oauth_client_rejected', 'no')).toBe(0)
      expect(await stores.checks.pause(clientId, [], 'oauth_client_rejected', 'no')).toBe(0)
      expect(await stores.checks.pause(clientId, working, 'oauth_client_rejected', 'no')).toBe(2)
      expect(await stores.checks.pause(clientId, working, 'oauth_client_rejected', 'no')).toBe(0)
      expect(await stores.checks.hasWorking(clientId)).toBe(false)
      const paused = await stores.checks.pausedByApp(clientId, 'oauth_client_rejected')
      expect(paused.map((row) => row.id).sort()).toEqual([one.id, two.id].sort())
      expect(paused[0]).toMatchObject({ status: 'failed', reasonMessage: 'no' })
      expect(await stores.credentials.find(other.id)).toMatchObject({ status: 'verified' })
    })

    it('lists alerts of one millisecond in the order in which they were raised, and hands them on so', async () => {
      const { stores } = getSubject()
      const ownerId = newId('user')
      const ids: string[] = []
      for (let count = 0; count < 12; count++) {
        const { id } = alert()
        ids.push(id)
        await stores.alerts.raise(`one:${id}`, alert({ id, ownerId }))
      }
      // By another process, and as fast as they come.
      await stores.database.tables
        .updateTable('alerts')
        .set({ createdAt: 1 })
        .where('id', 'in', ids)
        .execute()
      expect((await stores.alerts.list(ownerId, 50)).map(({ id }) => id)).toEqual(ids.toReversed())
      expect((await stores.alerts.list(ownerId, 3)).map(({ id }) => id)).toEqual(ids.slice(-3).toReversed())
      expect((await stores.alerts.unsent(12)).filter((id) => ids.includes(id))).toEqual(ids)
    })

    it('keeps an alert until it was handed on', async () => {
      const { stores } = getSubject()
      const { id } = await stores.credentials.insert(newCredential())
      const reported = alert({ credentialId: id, kind: 'narrowed' })
      await stores.checks.observe(look(id, { tell: [reported] }))
      expect(await stores.alerts.find(reported.id)).toMatchObject(reported)
      expect(await stores.alerts.unsent(1000)).toContain(reported.id)
      await stores.alerts.markSent(reported.id)
      expect(await stores.alerts.unsent(1000)).not.toContain(reported.id)
      expect(await stores.alerts.clear(`none:${id}`, alert())).toBe(false)
      expect(await stores.alerts.find('alrt_none')).toBeNull()
    })
  })
}
