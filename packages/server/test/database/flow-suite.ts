import { type FlowSort, newId } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import type { FlowRow } from '../../src/flows/store/flows.ts'
import { fromNow, newCredential, newEnd, newFlow, takeUp } from './samples.ts'
import type { GetSubject } from './subject.ts'

export function describeFlows(getSubject: GetSubject): void {
  describe('flows', () => {
    const flows = () => getSubject().stores.flows
    const insert = async (changes: Partial<FlowRow> = {}) => {
      const { sides } = getSubject().stores
      const ownerId = newId('user') // names are unique among an owner's
      const source = await sides.insert(newEnd({ kind: 'source', ownerId, name: 'From', connector: 'close' }))
      const destination = await sides.insert(newEnd({ kind: 'destination', ownerId, name: 'To' }))
      return flows().insert(newFlow(source.id, destination.id, changes))
    }

    it('keep everything, with their two ends and their last run', async () => {
      const flow = await insert({
        description: 'Each night',
        schedule: { kind: 'every', minutes: 60 },
        nextRunAt: fromNow(3_600_000),
      })
      expect(flow).toMatchObject({
        source: { name: 'From', connector: 'close' },
        destination: { name: 'To', connector: 'files' },
        lastRun: null,
        schedule: { kind: 'every', minutes: 60 },
      })
      const { runs } = getSubject().stores
      const first = await runs.insert({ id: newId('run'), flowId: flow.id, startedBy: 'usr_1' })
      await runs.finish(
        await takeUp({ runs }, first.id),
        'failed',
        { code: 'unreachable', message: 'No answer.' },
        null,
      )
      const second = await runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null })
      const found = await flows().find(flow.id)
      // Both began in the same millisecond, perhaps: then the ids decide.
      expect([first.id, second.id]).toContain(found?.lastRun?.id)
      expect(found?.lastRun?.flowName).toBe(flow.name)
      expect(await flows().update(flow.id, { name: 'New', schedule: null, nextRunAt: null })).toMatchObject({
        name: 'New',
        schedule: null,
        nextRunAt: null,
        description: 'Each night',
      })
      expect(await flows().update('flow_none', { name: 'x' })).toBeNull()
      expect(await flows().find('flow_none')).toBeNull()
    })

    it('are listed by name, searched and paged', async () => {
      for (const name of ['zeta', 'Äther', 'eta']) await insert({ name, description: 'paged' })
      const first = await flows().list({ query: 'paged', limit: 2 })
      expect(first.items.map((flow) => flow.name)).toEqual(['Äther', 'eta'])
      const second = await flows().list({ query: 'paged', limit: 2, cursor: first.nextCursor ?? '' })
      expect(second.items.map((flow) => flow.name)).toEqual(['zeta'])
      expect(second).toMatchObject({ nextCursor: null, total: 3 })
      expect((await flows().list({ query: 'ÄTHER', limit: 9 })).total).toBe(1)
    })

    it('are listed as people count, also across pages, and in other orders', async () => {
      const names = ['Flow 2', 'flow 10', 'Flow 009', 'Äpfel', 'Birnen', 'apfel', 'Flow 2b', '3', '20']
      const long = `Flow ${'1'.repeat(190)}`
      for (const name of [...names, long]) await insert({ name, description: 'counted' })
      const namesIn = async (sort: FlowSort) => {
        const found: string[] = []
        for (let cursor: string | undefined; ; ) {
          const page = await flows().list({ query: 'counted', limit: 2, sort, cursor })
          found.push(...page.items.map(({ name }) => name))
          if (page.nextCursor === null) return found
          cursor = page.nextCursor
        }
      }
      const sorted = ['3', '20', 'apfel', 'Äpfel', 'Birnen']
      const counted = await namesIn('name')
      // The two apples stand together, in the order of their ids.
      expect(counted.toSpliced(2, 2, ...counted.slice(2, 4).toSorted())).toEqual([
        ...sorted,
        ...['Flow 2', 'Flow 2b', 'Flow 009', 'flow 10', long],
      ])
      for (const sort of ['freshAt', '-createdAt'] as const)
        expect((await namesIn(sort)).toSorted()).toEqual([...names, long].toSorted())
    })

    it('are fresh since their last run that moved everything began, and show the last ten', async () => {
      const { runs } = getSubject().stores
      const flow = await insert()
      const run = async (status: 'succeeded' | 'partial' | 'failed', code?: string) => {
        const { id } = await runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null })
        const held = await takeUp({ runs }, id)
        await runs.finish(held, status, code === undefined ? null : { code, message: 'Why.' }, null)
        await expect.poll(() => Date.now()).toBeGreaterThan(held.createdAt)
        return held
      }
      const freshAt = async () => (await flows().find(flow.id))?.freshAt
      expect(await freshAt()).toBe(0)
      await run('failed', 'unreachable')
      expect(await freshAt()).toBe(0)
      const first = await run('succeeded')
      expect(await freshAt()).toBe(first.startedAt)
      await run('partial', 'streams_failed')
      expect(await freshAt()).toBe(first.startedAt)
      const refused = await run('partial')
      expect(await freshAt()).toBe(refused.startedAt)
      for (let more = 0; more < 9; more++) await run('succeeded')
      const recent = (await flows().recentRuns([flow.id, 'flow_none'])).get(flow.id) ?? []
      expect(recent.length).toBe(10)
      const times = recent.map(({ createdAt }) => createdAt)
      expect(times).toEqual(times.toSorted((one, other) => other - one))
    })

    it('need somebody after a run that failed or was refused in part, while late, and when withdrawn', async () => {
      const { runs, alerts, pauses, records } = getSubject().stores
      const flow = await insert()
      const standing = async () => {
        const found = await flows().find(flow.id)
        const listed = async (filter: object) =>
          (await flows().list({ query: '', limit: 9, sourceId: flow.sourceId, ...filter })).total
        const needed = await listed({ attention: 'needed' })
        expect(await listed({ attention: 'none' })).toBe(1 - needed)
        const kind = found?.attention ?? null
        expect(needed).toBe(kind === null ? 0 : 1)
        if (kind !== null) expect(await listed({ standing: kind })).toBe(1)
        return kind
      }
      const end = async (
        status: 'succeeded' | 'partial' | 'failed' | 'cancelled',
        replayOf: string | null = null,
      ) => {
        const { id } = await runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null, replayOf })
        const error = status === 'failed' ? { code: 'unreachable', message: 'No answer.' } : null
        const held = await takeUp({ runs }, id)
        await runs.finish(held, status, error, null)
        // Of runs of one millisecond the ids decide which is the last.
        await expect.poll(() => Date.now()).toBeGreaterThan(held.createdAt)
        return id
      }
      expect(await standing()).toBeNull()
      const failed = await end('failed')
      expect(await standing()).toBe('failed')
      expect((await flows().find(flow.id))?.lastEnded?.id).toBe(failed)
      await end('cancelled')
      await end('succeeded', failed)
      const under = await runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null })
      expect(await standing()).toBe('failed')
      await runs.requestCancel(under.id)
      await end('partial') // nothing of it is in quarantine any more
      expect(await standing()).toBeNull()
      const { tables } = getSubject().stores.database
      const partly = await end('partial')
      await tables.insertInto('runKeys').values({ runId: partly, sealed: 'sealed' }).execute()
      const refused = { runId: partly, position: 1, stream: 'leads', reason: 'x', record: 'x' }
      await tables
        .insertInto('refusedRecords')
        .values({ ...refused, at: 1, whole: 1, replayRunId: null })
        .execute()
      expect(await standing()).toBe('partial')
      await records.erase(partly)
      expect(await standing()).toBeNull()
      const alert = { kind: 'flow_late', credentialId: null, flowId: flow.id, ownerId: 'usr_1' } as const
      await alerts.raise(`flow-late:${flow.id}`, {
        ...{ ...alert, id: newId('alert'), code: null, title: 'Late', message: 'Late.' },
      })
      expect(await standing()).toBe('late')
      const paused = { code: 'paused_by_hand', message: 'Ann paused this flow.', at: 1 }
      await flows().update(flow.id, { paused })
      expect(await standing()).toBeNull()
      await flows().update(flow.id, { paused: null })
      await pauses.pause({
        flowId: flow.id,
        reason: { code: 'access_withdrawn', message: 'Ask Ben.' },
        alerts: [],
      })
      expect(await standing()).toBe('paused')
    })

    it('are listed by what they read, write and sign in with', async () => {
      const { sides, credentials } = getSubject().stores
      const credential = await credentials.insert(newCredential())
      const source = await sides.insert(newEnd({ kind: 'source', credentialId: credential.id }))
      const [one, two] = [newEnd({ kind: 'destination' }), newEnd({ kind: 'destination' })]
      for (const end of [one, two]) await sides.insert(end)
      const first = await flows().insert(newFlow(source.id, one.id))
      const second = await flows().insert(newFlow(source.id, two.id))
      const other = await insert()
      const idsOf = async (asked: object) => {
        const { items, total } = await flows().list({ query: '', limit: 9, ...asked })
        expect(total).toBe(items.length)
        return items.map(({ id }) => id).sort()
      }
      expect(await idsOf({ sourceId: source.id })).toEqual([first.id, second.id].sort())
      expect(await idsOf({ destinationId: two.id })).toEqual([second.id])
      expect(await idsOf({ sourceId: source.id, destinationId: one.id })).toEqual([first.id])
      expect(await idsOf({ credentialId: credential.id })).toEqual([first.id, second.id].sort())
      expect(await idsOf({ sourceId: other.source.id, credentialId: credential.id })).toEqual([])
    })

    it('have names of their own, whatever the capitals', async () => {
      await insert({ name: 'Nightly', ownerId: 'usr_flows' })
      const taken = { code: 'name_taken', errors: [{ field: 'name', rule: 'unique' }] }
      await expect(insert({ name: 'NIGHTLY', ownerId: 'usr_flows' })).rejects.toMatchObject(taken)
      const other = await insert({ name: 'Hourly', ownerId: 'usr_flows' })
      await expect(flows().update(other.id, { name: 'nightly' })).rejects.toMatchObject(taken)
      await insert({ name: 'Nightly', ownerId: 'usr_other' })
    })

    it('need both their ends', async () => {
      const flow = await insert()
      await expect(flows().insert(newFlow('src_none', flow.destinationId))).rejects.toMatchObject({
        code: 'source_not_found',
      })
      await expect(flows().insert(newFlow(flow.sourceId, 'dst_none'))).rejects.toMatchObject({
        code: 'destination_not_found',
      })
    })

    it('are erased with their runs, but not while one is active', async () => {
      const { stores, rival } = getSubject()
      const flow = await insert()
      const run = await stores.runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null })
      await expect(flows().erase(flow.id)).rejects.toMatchObject({ code: 'run_active' })
      await stores.runs.finish(await takeUp(stores, run.id), 'succeeded', null, null)
      expect(await flows().erase(flow.id)).toBe(true)
      expect(await flows().erase(flow.id)).toBe(false)
      expect(await stores.runs.find(run.id)).toBeNull()
      for (let round = 0; round < 5; round++) {
        const { id } = await insert()
        const outcomes = await Promise.allSettled([
          flows().erase(id),
          rival.runs.insert({ id: newId('run'), flowId: id, startedBy: null }),
        ])
        expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
        for (const outcome of outcomes)
          if (outcome.status === 'rejected')
            expect(['run_active', 'flow_not_found', 'conflict']).toContain(outcome.reason.code)
      }
    })

    it('that are due are taken once, and moved on to the next time that lies ahead', async () => {
      const { stores, rival } = getSubject()
      const planned = fromNow(-150 * 60_000)
      const due = [
        await insert({ schedule: { kind: 'every', minutes: 60 }, nextRunAt: planned }),
        await insert({ schedule: { kind: 'every', minutes: 60 }, nextRunAt: planned }),
      ]
      await insert({ schedule: { kind: 'every', minutes: 60 }, nextRunAt: fromNow(60_000) })
      await insert({ schedule: null, nextRunAt: null })
      const taken = (
        await Promise.all([stores.flows.takeDue(10), rival.flows.takeDue(10), stores.flows.takeDue(10)])
      ).flat()
      expect(taken.map((flow) => flow.id).sort()).toEqual(due.map((flow) => flow.id).sort())
      // 2 h 30 min late by a schedule of 1 h: 30 minutes from now, in step with the plan.
      for (const flow of taken) expect(flow.nextRunAt).toBe(planned + 180 * 60_000)
      expect(await flows().takeDue(10)).toEqual([])
    })
  })
}
