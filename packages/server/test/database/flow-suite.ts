import { newId } from '@latchwork/contract'
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
      expect(first.items.map((flow) => flow.name)).toEqual(['eta', 'zeta'])
      const second = await flows().list({ query: 'paged', limit: 2, cursor: first.nextCursor ?? '' })
      expect(second.items.map((flow) => flow.name)).toEqual(['Äther'])
      expect(second).toMatchObject({ nextCursor: null, total: 3 })
      expect((await flows().list({ query: 'ÄTHER', limit: 9 })).total).toBe(1)
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
