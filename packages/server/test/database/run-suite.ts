import { newId } from '@latchwork/contract'
import { RunTaken } from '@latchwork/sync'
import { describe, expect, it } from 'vitest'
import type { RunRow } from '../../src/flows/store/run-row.ts'
import { checkpointOf, claim, insertFlow, saveBatch, takeUp } from './samples.ts'
import type { GetSubject } from './subject.ts'

const progressAt = (pages: number) => ({
  recordsRead: pages * 10,
  recordsWritten: pages * 9,
  recordsRefused: pages,
  recordsCreated: pages,
  pages,
})
const batchAt = (pages: number) => ({ ...progressAt(pages), checkpoint: { position: [pages, 'é\0'] } })
const refusedAt = (position: number) => ({ position, stream: 'leads', reason: 'sealed', record: 'sealed' })

export function describeRuns(getSubject: GetSubject): void {
  describe('runs', () => {
    const runs = () => getSubject().stores.runs
    const records = () => getSubject().stores.records
    const newRun = async (name = 'Runs') => {
      const ownerId = newId('user') // names are unique among an owner's
      const { flow } = await insertFlow(getSubject().stores, { name, ownerId })
      return runs().insert({ id: newId('run'), flowId: flow.id, startedBy: 'usr_1' })
    }

    const begun = (id: string) => takeUp(getSubject().stores, id)

    it('begin queued, one at a time for a flow', async () => {
      const { stores, rival } = getSubject()
      const run = await newRun()
      expect(run).toMatchObject({
        status: 'queued',
        flowName: 'Runs',
        pages: 0,
        resumes: 0,
        startedBy: 'usr_1',
      })
      const again = () => ({ id: newId('run'), flowId: run.flowId, startedBy: null })
      await expect(runs().insert(again())).rejects.toMatchObject({ code: 'run_active' })
      await expect(runs().insert({ ...again(), flowId: 'flow_none' })).rejects.toMatchObject({
        code: 'flow_not_found',
      })
      await runs().finish(await begun(run.id), 'failed', null, null)
      const outcomes = await Promise.allSettled(
        [stores, rival, stores, rival].map((one) => one.runs.insert(again())),
      )
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    it('#59 are held to the account that they began with, until they end', async () => {
      const { rival } = getSubject()
      const { id, accounts } = await newRun()
      expect(accounts).toEqual({ source: null, destination: null })
      const held = await begun(id)
      const account = (userId: string) => ({
        organizationId: 'orga_1',
        organizationName: 'Hollow Oak',
        userId,
        userName: '',
        userEmail: '',
      })
      const [first, second] = await Promise.all([
        runs().holdAccount(held, 'source', account('user_1')),
        rival.runs.holdAccount(held, 'source', account('user_2')),
      ])
      expect(second).toEqual(first)
      expect(await runs().holdAccount(held, 'destination', account('user_3'))).toEqual(account('user_3'))
      const again = await begun(id)
      expect(again.accounts).toEqual({ source: first, destination: account('user_3') })
      await runs().finish(again, 'failed', null, null)
      expect((await runs().find(id))?.accounts).toEqual({ source: null, destination: null })
    })

    it('count how often they are taken up again, and keep their progress', async () => {
      const { id } = await newRun()
      const first = await begun(id)
      expect(first).toMatchObject({ status: 'running', resumes: 0, attempt: 1 })
      await records().addKey(id, 'sealed')
      await saveBatch(getSubject().stores, first, batchAt(1), { refused: [refusedAt(1)], last: 'page 1' })
      await runs().setActivity(first, 'Close asks us to wait 12 s')
      const resumed = await begun(id)
      expect(resumed).toMatchObject({
        ...{ resumes: 1, attempt: 2, activity: 'Close asks us to wait 12 s' },
        ...progressAt(1),
      })
      const { stores } = getSubject()
      expect(await checkpointOf(stores, resumed)).toEqual(batchAt(1).checkpoint)
      await runs().setActivity(resumed, null, 50)
      expect(await runs().find(id)).toMatchObject({ activity: null, recordsExpected: 50 })
      await runs().finish(resumed, 'succeeded', null, { file: 'leads.jsonl', fileId: null, bytes: 12 })
      expect(await runs().find(id)).toMatchObject({
        status: 'succeeded',
        output: { file: 'leads.jsonl', bytes: 12 },
        error: null,
      })
      expect(await runs().start(id)).toBeNull()
    })

    it('take nothing more from a process whose run another one has taken up, nor once they have ended', async () => {
      const { stores, rival } = getSubject()
      const { id } = await newRun()
      const frozen = await begun(id)
      await records().addKey(id, 'sealed')
      await saveBatch(getSubject().stores, frozen, batchAt(5), { refused: [refusedAt(1)], last: 'page 5' })
      const entries = await runs().ledgerClaim(frozen, [claim('a', 0)])
      const successor = await takeUp(rival, id)
      const identity = {
        organizationId: 'orga_1',
        organizationName: '',
        userId: 'user_1',
        userName: '',
        userEmail: '',
      }
      const writes = (held: RunRow) => [
        saveBatch(getSubject().stores, held, batchAt(2), { refused: [refusedAt(2)], last: 'page 2' }),
        runs().finish(held, 'cancelled', null, null),
        runs().holdAccount(held, 'source', identity),
        runs().ledgerClaim(held, [claim('b', 1)]),
        runs().ledgerWrite(held, [{ id: entries[0]?.id ?? '', outcome: 'lead_late' }]),
        runs().requireHeld(held),
        stores.records.saveColumns(held, 'leads', 'late'),
      ]
      const refused = async (held: RunRow) => {
        await runs().setActivity(held, 'late')
        const outcomes = await Promise.allSettled(writes(held))
        const reasons = outcomes.map((each) => (each.status === 'rejected' ? each.reason : each.value))
        expect(reasons.map((reason) => reason instanceof RunTaken)).toEqual(outcomes.map(() => true))
      }
      await refused(frozen)
      expect(await runs().find(id)).toMatchObject({ status: 'running', activity: null, ...progressAt(5) })
      expect(await records().last(id)).toEqual([{ stream: 'leads', columns: null, records: 'page 5' }])
      expect((await records().refused(id, { limit: 9 }, null)).total).toBe(1)
      expect(await runs().ledgerKnown(successor, ['lead_late'])).toEqual(new Set())

      await saveBatch(rival, successor, batchAt(6), { refused: [refusedAt(2)], last: 'page 6' })
      await rival.runs.finish(successor, 'succeeded', null, null)
      await refused(successor)
      expect(await runs().find(id)).toMatchObject({ status: 'succeeded', error: null, ...progressAt(6) })
    })

    it('save progress as a whole or not at all', async () => {
      const { id } = await newRun()
      const held = await begun(id)
      await records().addKey(id, 'sealed')
      await saveBatch(getSubject().stores, held, batchAt(1), { refused: [refusedAt(1)], last: 'page 1' })
      const twice = [refusedAt(2), refusedAt(1)]
      await expect(
        saveBatch(getSubject().stores, held, batchAt(2), { refused: twice, last: 'page 2' }),
      ).rejects.toThrow()
      expect(await runs().find(id)).toMatchObject(progressAt(1))
      expect((await records().refused(id, { limit: 9 }, null)).total).toBe(1)
      expect(await records().last(id)).toEqual([{ stream: 'leads', columns: null, records: 'page 1' }])
    })

    it('are cancelled at once while queued, and asked to stop while running', async () => {
      const queued = await newRun()
      expect(await runs().requestCancel(queued.id)).toMatchObject({ status: 'cancelled', cancelling: false })
      expect((await runs().find(queued.id))?.finishedAt).not.toBeNull()
      const { id } = await newRun()
      const held = await begun(id)
      expect(await saveBatch(getSubject().stores, held, batchAt(1))).toEqual({ cancelling: false })
      expect(await runs().requestCancel(id)).toMatchObject({
        status: 'running',
        cancelling: true,
        finishedAt: null,
      })
      expect(await saveBatch(getSubject().stores, held, batchAt(2))).toEqual({ cancelling: true })
      await runs().finish(held, 'cancelled', { code: 'run_cancelled', message: 'stop\0ped' }, null)
      expect(await runs().requestCancel(id)).toMatchObject({
        status: 'cancelled',
        cancelling: false,
        error: { code: 'run_cancelled', message: 'stop\ufffdped' },
      })
      expect(await runs().requestCancel('run_none')).toBeNull()
    })

    it('are listed newest first, by flow, by status and by the name of the flow', async () => {
      const first = await newRun('Über Leads')
      await runs().finish(await begun(first.id), 'failed', null, null)
      await expect.poll(() => Date.now()).toBeGreaterThan(first.createdAt)
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

    it('that failed for the time being are tried again after a replay of others, which does not do their work', async () => {
      const run = await newRun()
      await runs().finish(await begun(run.id), 'failed', null, null, 1)
      const replay = { id: newId('run'), flowId: run.flowId, startedBy: 'usr_1', replayOf: run.id }
      const held = await runs()
        .insert(replay)
        .then(({ id }) => begun(id))
      expect((await runs().find(run.id))?.retryAt).not.toBeNull()
      expect(await runs().hastenRetry(run.flowId)).toBe(true)
      // One run of a flow at a time.
      await runs().queueRetries()
      expect(await runs().find(run.id)).toMatchObject({ status: 'failed' })
      await runs().finish(held, 'failed', null, null, 0)
      for (let turn = 0; turn < 2; turn += 1) {
        await runs().queueRetries()
        const both = [await runs().find(run.id), await runs().find(replay.id)]
        const [queued, ...others] = both.flatMap((each) => (each?.status === 'queued' ? [each] : []))
        expect(others).toEqual([])
        await runs().finish(await begun(queued?.id ?? ''), 'succeeded', null, null)
      }
      expect(await runs().find(run.id)).toMatchObject({ status: 'succeeded', retries: 1 })
      expect(await runs().find(replay.id)).toMatchObject({ status: 'succeeded', retries: 1 })
    })

    it('that failed for the time being are tried again, unless another is begun or somebody cancels', async () => {
      const run = await newRun()
      const away = { code: 'unreachable', message: 'Nobody there.' }
      const fails = async (inMs: number) => runs().finish(await begun(run.id), 'failed', away, null, inMs)
      await fails(60_000)
      const failed = await runs().find(run.id)
      expect(failed).toMatchObject({ status: 'failed', error: away, retries: 0 })
      // PostgreSQL looks at its clock for each of the two.
      const waitMs = (failed?.retryAt ?? 0) - (failed?.finishedAt ?? 0)
      expect(Math.abs(waitMs - 60_000)).toBeLessThan(1000)
      await runs().queueRetries()
      expect(await runs().find(run.id)).toMatchObject({ status: 'failed' })
      expect(await runs().hastenRetry(run.flowId)).toBe(true)
      await runs().queueRetries()
      const queued = { status: 'queued', error: null, retries: 1, retryAt: null, finishedAt: null }
      expect(await runs().find(run.id)).toMatchObject(queued)
      expect((await runs().line(null)).map(({ id }) => id)).toContain(run.id)

      await fails(0)
      expect(await runs().requestCancel(run.id)).toMatchObject({ status: 'cancelled', retryAt: null })
      await runs().queueRetries()
      expect(await runs().find(run.id)).toMatchObject({ status: 'cancelled' })
      expect(await runs().hastenRetry(run.flowId)).toBe(false)

      const other = await runs().insert({ id: newId('run'), flowId: run.flowId, startedBy: null })
      await runs().finish(await begun(other.id), 'failed', away, null, 0)
      const newer = await runs().insert({ id: newId('run'), flowId: run.flowId, startedBy: null })
      await runs().queueRetries()
      expect(await runs().find(other.id)).toMatchObject({ status: 'failed', retryAt: null })
      expect(await runs().find(newer.id)).toMatchObject({ status: 'queued' })
    })
  })
}
