import { newId } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { newEnd, newFlow } from './samples.ts'
import type { GetSubject } from './subject.ts'

const progressAt = (pages: number) => ({
  recordsRead: pages * 10,
  recordsWritten: pages * 9,
  recordsRefused: pages,
  pages,
  checkpoint: { position: [pages, 'é\0'] },
})
const refusedAt = (position: number) => ({ position, reason: 'sealed', record: 'sealed' })

export function describeRuns(getSubject: GetSubject): void {
  describe('runs', () => {
    const runs = () => getSubject().stores.runs
    const records = () => getSubject().stores.records
    const newRun = async (name = 'Runs') => {
      const { sides, flows } = getSubject().stores
      const source = await sides.insert(newEnd({ kind: 'source' }))
      const destination = await sides.insert(newEnd({ kind: 'destination' }))
      const ownerId = newId('user') // names are unique among an owner's
      const flow = await flows.insert(newFlow(source.id, destination.id, { name, ownerId }))
      return runs().insert({ id: newId('run'), flowId: flow.id, startedBy: 'usr_1' })
    }

    it('begin queued, one at a time for a flow', async () => {
      const { stores, rival } = getSubject()
      const run = await newRun()
      expect(run).toMatchObject({
        status: 'queued',
        flowName: 'Runs',
        pages: 0,
        resumes: 0,
        checkpoint: null,
        startedBy: 'usr_1',
      })
      const again = () => ({ id: newId('run'), flowId: run.flowId, startedBy: null })
      await expect(runs().insert(again())).rejects.toMatchObject({ code: 'run_active' })
      await expect(runs().insert({ ...again(), flowId: 'flow_none' })).rejects.toMatchObject({
        code: 'flow_not_found',
      })
      await runs().finish(run.id, 'failed', null, null)
      const outcomes = await Promise.allSettled(
        [stores, rival, stores, rival].map((one) => one.runs.insert(again())),
      )
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    it('#59 are held to the account that they began with, until they end', async () => {
      const { rival } = getSubject()
      const { id, accounts } = await newRun()
      expect(accounts).toEqual({ source: null, destination: null })
      await runs().start(id)
      const account = (userId: string) => ({
        organizationId: 'orga_1',
        organizationName: 'Hollow Oak',
        userId,
        userName: '',
        userEmail: '',
      })
      const [first, second] = await Promise.all([
        runs().holdAccount(id, 'source', account('user_1')),
        rival.runs.holdAccount(id, 'source', account('user_2')),
      ])
      expect(second).toEqual(first)
      expect(await runs().holdAccount(id, 'destination', account('user_3'))).toEqual(account('user_3'))
      expect((await runs().start(id))?.accounts).toEqual({
        source: first,
        destination: account('user_3'),
      })
      await runs().finish(id, 'failed', null, null)
      expect((await runs().find(id))?.accounts).toEqual({ source: null, destination: null })
    })

    it('count how often they are taken up again, and keep their progress', async () => {
      const { id } = await newRun()
      expect(await runs().start(id)).toMatchObject({ status: 'running', resumes: 0 })
      await records().addKey(id, 'sealed')
      await runs().saveProgress(id, progressAt(1), [refusedAt(1)], 'page 1')
      await runs().setActivity(id, 'Close asks us to wait 12 s')
      const resumed = await runs().start(id)
      expect(resumed).toMatchObject({
        resumes: 1,
        activity: 'Close asks us to wait 12 s',
        ...progressAt(1),
      })
      await runs().setActivity(id, null, 50)
      expect(await runs().find(id)).toMatchObject({ activity: null, recordsExpected: 50 })
      expect(
        await runs().finish(id, 'succeeded', null, { file: 'leads.jsonl', fileId: null, bytes: 12 }),
      ).toBe(true)
      expect(await runs().find(id)).toMatchObject({
        status: 'succeeded',
        output: { file: 'leads.jsonl', bytes: 12 },
        error: null,
      })
      expect(await runs().finish(id, 'failed', { code: 'internal', message: 'late' }, null)).toBe(false)
      expect(await runs().start(id)).toBeNull()
      expect(await runs().saveProgress(id, progressAt(9), [refusedAt(9)], 'page 9')).toEqual({
        cancelling: true,
      })
      expect(await runs().find(id)).toMatchObject(progressAt(1))
      expect((await records().refused(id, { limit: 9 }, null)).total).toBe(1)
    })

    it('save progress as a whole or not at all', async () => {
      const { id } = await newRun()
      await runs().start(id)
      await records().addKey(id, 'sealed')
      await runs().saveProgress(id, progressAt(1), [refusedAt(1)], 'page 1')
      const twice = [refusedAt(2), refusedAt(1)]
      await expect(runs().saveProgress(id, progressAt(2), twice, 'page 2')).rejects.toThrow()
      expect(await runs().find(id)).toMatchObject(progressAt(1))
      expect((await records().refused(id, { limit: 9 }, null)).total).toBe(1)
      expect(await records().last(id)).toEqual({ columns: null, records: 'page 1' })
    })

    it('are cancelled at once while queued, and asked to stop while running', async () => {
      const queued = await newRun()
      expect(await runs().requestCancel(queued.id)).toMatchObject({ status: 'cancelled', cancelling: false })
      expect((await runs().find(queued.id))?.finishedAt).not.toBeNull()
      const { id } = await newRun()
      await runs().start(id)
      expect(await runs().saveProgress(id, progressAt(1), [], null)).toEqual({ cancelling: false })
      expect(await runs().requestCancel(id)).toMatchObject({
        status: 'running',
        cancelling: true,
        finishedAt: null,
      })
      expect(await runs().saveProgress(id, progressAt(2), [], null)).toEqual({ cancelling: true })
      await runs().finish(id, 'cancelled', { code: 'run_cancelled', message: 'stop\0ped' }, null)
      expect(await runs().requestCancel(id)).toMatchObject({
        status: 'cancelled',
        cancelling: false,
        error: { code: 'run_cancelled', message: 'stop\ufffdped' },
      })
      expect(await runs().requestCancel('run_none')).toBeNull()
    })

    it('are listed newest first, by flow, by status and by the name of the flow', async () => {
      const first = await newRun('Über Leads')
      await runs().finish(first.id, 'failed', null, null)
      await new Promise((resolve) => setTimeout(resolve, 2)) // so that their times differ
      const second = await runs().insert({ id: newId('run'), flowId: first.flowId, startedBy: null })
      const page = await runs().list({ query: '', limit: 1, flowId: first.flowId })
      expect(page).toMatchObject({ items: [{ id: second.id, flowName: 'Über Leads' }], total: 2 })
      const rest = await runs().list({
        query: '',
        limit: 1,
        flowId: first.flowId,
        cursor: page.nextCursor ?? '',
      })
      expect(rest).toMatchObject({ items: [{ id: first.id }], nextCursor: null })
      expect(
        (await runs().list({ query: 'ÜBER', limit: 9, status: 'failed' })).items.map((run) => run.id),
      ).toEqual([first.id])
      expect(
        await runs().list({ query: '', limit: 9, status: 'cancelled', flowId: first.flowId }),
      ).toMatchObject({ total: 0 })
    })

    it('remember what was sent and what came of it', async () => {
      const { id } = await newRun()
      const other = await newRun()
      const long = 'k'.repeat(10_000)
      const keys = ['a', 'b\0', long, ...Array.from({ length: 2_000 }, (_, index) => `n${index}`)]
      await runs().ledgerBegin(id, [...keys, 'a'])
      await runs().ledgerSettle(id, 'a', 'lead_1')
      await runs().ledgerSettle(id, 'b\0', null)
      const found = await runs().ledgerLook(id, [...keys, 'unknown'])
      expect(found.size).toBe(keys.length)
      expect([found.get('a')?.outcome, found.get('b\0')?.outcome, found.get(long)?.outcome]).toEqual([
        'lead_1',
        null,
        undefined,
      ])
      expect(Math.abs((found.get('a')?.at ?? 0) - Date.now())).toBeLessThan(60_000)
      expect((await runs().ledgerLook(other.id, keys)).size).toBe(0)
      await runs().ledgerBegin(id, ['b\0'])
      expect((await runs().ledgerLook(id, ['b\0'])).get('b\0')?.outcome).toBeUndefined()
      await runs().ledgerSettle(id, 'straight', 'lead_2')
      expect((await runs().ledgerLook(id, ['straight'])).get('straight')?.outcome).toBe('lead_2')
    })
  })
}
