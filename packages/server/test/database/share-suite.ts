import { randomUUID } from 'node:crypto'
import { newId } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { fromNow, insertFlow, newCredential, takeUp } from './samples.ts'
import type { GetSubject } from './subject.ts'

export function describeShares(getSubject: GetSubject): void {
  describe('what one member may take', () => {
    /** The same from two processes at once, `count` times in all; no more side by side than there are connections. */
    const fromBoth = async <T>(count: number, ask: (one: ReturnType<GetSubject>['stores']) => Promise<T>) => {
      const { stores, rival } = getSubject()
      const outcomes: PromiseSettledResult<T>[] = []
      while (outcomes.length < count) {
        const together = Array.from({ length: Math.min(20, count - outcomes.length) }, (_, index) =>
          ask(index % 2 === 0 ? stores : rival),
        )
        outcomes.push(...(await Promise.allSettled(together)))
      }
      return outcomes
    }
    const done = (outcomes: PromiseSettledResult<unknown>[]) =>
      outcomes.filter(({ status }) => status === 'fulfilled').length
    const refusals = (outcomes: PromiseSettledResult<unknown>[]): unknown[] =>
      outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))

    it('#57 is so many places at once, and so many within a minute, over all processes', async () => {
      const memberId = newId('user')
      const ids: string[] = []
      const take = (limits: { atOnce: number; perMinute: number }, member = memberId) =>
        fromBoth(10, async ({ shares }) => {
          const id = randomUUID()
          const reached = await shares.take({ id, memberId: member, kind: 'checks' }, limits, 60_000)
          if (reached !== null) return reached
          ids.push(id)
          return 'taken'
        })
      const values = async (asked: ReturnType<typeof take>) =>
        (await asked)
          .map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason))
          .sort()
      const limits = { atOnce: 3, perMinute: 5 }
      expect(await values(take(limits))).toEqual([...Array(7).fill('atOnce'), ...Array(3).fill('taken')])
      // Another member is not concerned.
      expect(await values(take(limits, newId('user')))).toContain('taken')
      for (const id of ids) await getSubject().stores.shares.giveBack(id)
      expect(await values(take(limits))).toEqual([...Array(8).fill('perMinute'), ...Array(2).fill('taken')])
      await getSubject().stores.shares.sweep()
      expect(await values(take({ atOnce: 9, perMinute: 5 }))).toEqual(Array(10).fill('perMinute'))
    })

    it('#57 is free again when whoever took it died', async () => {
      const { shares } = getSubject().stores
      const place = { id: randomUUID(), memberId: newId('user'), kind: 'uploads' }
      const limits = { atOnce: 1, perMinute: 100 }
      expect(await shares.take(place, limits, -1)).toBeNull()
      expect(await shares.take({ ...place, id: randomUUID() }, limits, 60_000)).toBeNull()
      expect(await shares.take({ ...place, id: randomUUID() }, limits, 60_000)).toBe('atOnce')
    })

    it('#57 is so many API tokens, drafts and invitations, whatever expired', async () => {
      const id = newId('user')
      const token = (expiresAt: number | null) => {
        const tokenId = newId('token')
        const row = { id: tokenId, userId: id, name: 'one', hash: tokenId, suffix: 'abcd', expiresAt }
        return ({ tokens }: ReturnType<GetSubject>['stores']) => tokens.insert(row)
      }
      await token(fromNow(-1000))(getSubject().stores)
      const tokens = await fromBoth(106, (one) => token(null)(one))
      expect(done(tokens)).toBe(100)
      expect(new Set(refusals(tokens))).toEqual(new Set(['share_full']))

      const draft = (draftExpiresAt: number) =>
        newCredential({ ownerId: id, status: 'draft', draftExpiresAt })
      await getSubject().stores.credentials.insert(draft(fromNow(-1000)))
      const drafts = await fromBoth(106, ({ credentials }) => credentials.insert(draft(fromNow(90_000))))
      expect(done(drafts)).toBe(100)
      expect(new Set(refusals(drafts))).toEqual(new Set(['drafts_full']))
      const more = getSubject().stores.credentials.insert(draft(fromNow(90_000)), 100)
      await expect(more).rejects.toMatchObject({
        message: expect.stringContaining('One member may have 100 drafts of credentials at once'),
        retryAfterSeconds: 120,
      })
      await getSubject().stores.credentials.insert(newCredential({ ownerId: id }))

      const invite = (one: ReturnType<GetSubject>['stores']) => {
        const invitation = newId('invitation')
        const row = { id: invitation, email: `${invitation}@hollowoak.example`, role: 'member' as const }
        return one.invitations.insert({ ...row, tokenHash: invitation, invitedBy: id }, 60_000)
      }
      const invitations = await fromBoth(206, invite)
      expect(done(invitations)).toBe(200)
      expect(new Set(refusals(invitations))).toEqual(new Set(['share_full']))
    })

    it('#57 is so many runs at once, the oldest first', async () => {
      const { runs } = getSubject().stores
      const ownerId = newId('user')
      const newRun = async (owner: string) => {
        const { flow } = await insertFlow(getSubject().stores, { ownerId: owner })
        return runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null })
      }
      const made = []
      for (let count = 0; count < 6; count++) made.push(await newRun(ownerId))
      const ids = made.map(({ id }) => id)
      const start =
        (id: string) =>
        ({ runs: store }: ReturnType<GetSubject>['stores']) =>
          store.start(id, 2)
      const { stores, rival } = getSubject()
      const begun = await Promise.allSettled(
        [...ids, ...ids].map((id, index) => start(id)(index % 2 === 0 ? stores : rival)),
      )
      expect(new Set(refusals(begun))).toEqual(new Set(['share_exceeded']))
      const statuses = async () => Promise.all(ids.map(async (id) => (await runs.find(id))?.status))
      expect(await statuses()).toEqual(['running', 'running', 'queued', 'queued', 'queued', 'queued'])
      await expect(runs.start(ids[2] ?? '', 2)).rejects.toThrow(
        "Waits for a free place: 2 runs of this flow's owner are under way.",
      )
      // Another's begins, and one that is taken up again goes on.
      expect(await runs.start((await newRun(newId('user'))).id, 2)).toMatchObject({ status: 'running' })
      expect(await runs.start(ids[0] ?? '', 2)).toMatchObject({ status: 'running' })
      await runs.finish(await takeUp(stores, ids[1] ?? ''), 'failed', null, null)
      await expect(runs.start(ids[3] ?? '', 2)).rejects.toMatchObject({ code: 'share_exceeded' })
      expect(await runs.start(ids[2] ?? '', 2)).toMatchObject({ status: 'running', activity: null })
    })

    it('#57 is so many bytes of files, of those that grow at once as many as fit', async () => {
      const { files } = getSubject().stores
      const ownerId = newId('user')
      const made = await Promise.all(
        Array.from({ length: 8 }, (_, index) => files.ensure(newId('file'), ownerId, `${index}.csv`, false)),
      )
      const claims = await Promise.all(
        made.map(({ id }, index) => {
          const { stores, rival } = getSubject()
          return (index % 2 === 0 ? stores : rival).files.claim(id, 30, 100)
        }),
      )
      expect(claims.filter((claim) => claim === 'ok')).toHaveLength(3)
      expect(await files.bytesOf(ownerId, '')).toBe(90)
      const [one] = made.filter((_, index) => claims[index] === 'ok')
      // Its own bytes are not counted twice.
      expect(await files.claim(one?.id ?? '', 40, 100)).toBe('ok')
      expect(await files.claim(one?.id ?? '', 41, 100)).toBe('full')
      await files.erase(one?.id ?? '')
      expect(await files.claim(one?.id ?? '', 1, 100)).toBe('gone')
      expect(await files.bytesOf(ownerId, '')).toBe(60)
    })
  })
}
