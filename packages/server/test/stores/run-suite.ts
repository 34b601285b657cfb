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
const refusedAt = (page: number) => ({
  key: `key\0${page}`,
  record: { page, text: 'a\0b' },
  code: 'record_refused',
  message: `no\0 ${page}`,
})

export function describeRuns(getSubject: GetSubject): void {
  describe('runs', () => {
    const runs = () => getSubject().stores.runs
    const newRun = async (name = 'Runs') => {
      const { ends, flows } = getSubject().stores
      const source = await ends.insert(newEnd({ kind: 'source' }))
      const destination = await ends.insert(newEnd({ kind: 'destination' }))
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

    it('count how often they are taken up again, and keep their progress', async () => {
      const { id } = await newRun()
      expect(await runs().start(id, 40)).toMatchObject({ status: 'running', resumes: 0, recordsExpected: 40 })
      await runs().saveProgress(id, progressAt(1), [refusedAt(1)], [{ page: 1 }])
      await runs().setActivity(id, 'Close asks us to wait 12 s')
      const resumed = await runs().start(id, null)
      expect(resumed).toMatchObject({
        resumes: 1,
        recordsExpected: 40,
        activity: 'Close asks us to wait 12 s',
        ...progressAt(1),
      })
      await runs().setActivity(id, null, 50)
      expect(await runs().find(id)).toMatchObject({ activity: null, recordsExpected: 50 })
      expect(await runs().finish(id, 'succeeded', null, { file: 'leads.jsonl', bytes: 12 })).toBe(true)
      expect(await runs().find(id)).toMatchObject({
        status: 'succeeded',
        output: { file: 'leads.jsonl', bytes: 12 },
        error: null,
      })
      expect(await runs().finish(id, 'failed', { code: 'internal', message: 'late' }, null)).toBe(false)
      expect(await runs().start(id, null)).toBeNull()
      expect(await runs().saveProgress(id, progressAt(9), [refusedAt(9)], [{ page: 9 }])).toEqual({
        cancelling: true,
      })
      expect(await runs().find(id)).toMatchObject(progressAt(1))
      expect((await runs().quarantine(id, { query: '', limit: 9 })).total).toBe(1)
    })

    it('save progress as a whole or not at all', async () => {
      const { id } = await newRun()
      await runs().start(id, null)
      await runs().saveProgress(id, progressAt(1), [refusedAt(1)], [{ page: 1 }])
      const circular: Record<string, unknown> = {}
      circular['itself'] = circular
      await expect(runs().saveProgress(id, progressAt(2), [refusedAt(2)], [circular])).rejects.toThrow()
      expect(await runs().find(id)).toMatchObject(progressAt(1))
      expect((await runs().quarantine(id, { query: '', limit: 9 })).total).toBe(1)
      expect((await runs().lastRecords(id)).records).toEqual([{ page: 1 }])
    })

    it('are cancelled at once while queued, and asked to stop while running', async () => {
      const queued = await newRun()
      expect(await runs().requestCancel(queued.id)).toMatchObject({ status: 'cancelled', cancelling: false })
      expect((await runs().find(queued.id))?.finishedAt).not.toBeNull()
      const { id } = await newRun()
      await runs().start(id, null)
      expect(await runs().saveProgress(id, progressAt(1), [], [])).toEqual({ cancelling: false })
      expect(await runs().requestCancel(id)).toMatchObject({
        status: 'running',
        cancelling: true,
        finishedAt: null,
      })
      expect(await runs().saveProgress(id, progressAt(2), [], [])).toEqual({ cancelling: true })
      await runs().finish(id, 'cancelled', { code: 'run_cancelled', message: 'stop\0ped' }, null)
      expect(await runs().requestCancel(id)).toMatchObject({
        status: 'cancelled',
        cancelling: false,
        error: { code: 'run_cancelled', message: 'stop\ufffdped' },
      })
      expect(await runs().requestCancel('run_none')).toBeNull()
    })

    it('keep their columns and last records', async () => {
      const { id } = await newRun()
      expect(await runs().lastRecords(id)).toEqual({ columns: null, records: [] })
      const columns = [{ name: 'id', label: 'Id', type: 'text' }]
      await runs().saveColumns(id, columns)
      await runs().start(id, null)
      await runs().saveProgress(id, progressAt(1), [], [{ id: 1 }, { id: 'ü\0' }])
      await runs().saveProgress(id, progressAt(2), [], [])
      expect(await runs().lastRecords(id)).toEqual({ columns, records: [{ id: 1 }, { id: 'ü\0' }] })
    })

    it('keep refused records in order, searched and paged', async () => {
      const { id } = await newRun()
      await runs().start(id, null)
      await runs().saveProgress(id, progressAt(1), [refusedAt(1), { ...refusedAt(2), key: null }], [])
      const many = Array.from({ length: 2_500 }, (_, index) => refusedAt(index + 3))
      await runs().saveProgress(id, progressAt(2), many, [])
      const first = await runs().quarantine(id, { query: '', limit: 2 })
      expect(first.total).toBe(2_502)
      expect(first.items).toMatchObject([
        { key: 'key\ufffd1', record: { page: 1, text: 'a\0b' }, message: 'no\ufffd 1' },
        { key: null, record: { page: 2 } },
      ])
      const second = await runs().quarantine(id, { query: '', limit: 2, cursor: first.nextCursor ?? '' })
      expect(second.items.map((item) => item.id)).toEqual(['3', '4'])
      expect((await runs().quarantine(id, { query: 'yes 2502', limit: 9 })).items).toHaveLength(0)
      expect((await runs().quarantine(id, { query: 'NO refused 2502', limit: 9 })).items).toHaveLength(1)
    })

    it('#61 keep no more refused records than have their place, and none of any after their time', async () => {
      const { id } = await newRun('Erased')
      const young = await newRun('Young')
      await runs().start(id, null)
      const many = Array.from({ length: 10_005 }, (_, index) => refusedAt(index))
      await runs().saveProgress(id, progressAt(1), many, [{ page: 1 }])
      await runs().saveProgress(id, progressAt(2), many.slice(0, 5), [])
      expect((await runs().quarantine(id, { query: '', limit: 1 })).total).toBe(10_000)
      await runs().eraseRecords(0) // it has not ended yet
      expect((await runs().quarantine(id, { query: '', limit: 1 })).total).toBe(10_000)
      await runs().finish(id, 'succeeded', null, null)
      await runs().eraseRecords(3_600_000)
      expect((await runs().quarantine(id, { query: '', limit: 1 })).total).toBe(10_000)
      await runs().eraseRecords(0)
      expect((await runs().quarantine(id, { query: '', limit: 1 })).total).toBe(0)
      expect(await runs().lastRecords(id)).toEqual({ columns: null, records: [] })
      expect(await runs().find(id)).toMatchObject({ status: 'succeeded', recordsRefused: 2 })
      expect(await runs().find(young.id)).toMatchObject({ status: 'queued' })
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
