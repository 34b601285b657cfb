import { expect, it } from 'vitest'
import { LeasedGroup } from '../../src/budget/leased-group.ts'
import type { LeaseRequest } from '../../src/budget/leases.ts'

it('tells no earlier end of a wait than there is, however long the database took to answer', async () => {
  let nowMs = 1_000_000
  const told: LeaseRequest[] = []
  // Its clock is this process's. Each answer is under way for 80 ms.
  const exchange = async (_organization: string, _group: string, request: LeaseRequest) => {
    told.push(request)
    const takenAtMs = nowMs
    nowMs += 80
    const opensAtMs = { interactive: 0, backfill: 0 }
    const leased = request.wants.map(({ key }) => ({
      ...{ key, granted: 1, endsMs: takenAtMs + 60_000, opensAtMs, heldUntilMs: 0 },
    }))
    return { nowMs: takenAtMs, leased, news: null }
  }
  const parts = { store: { exchange }, organization: 'orga_1', holder: 'one', leaseMs: 6_000, reportMs: 100 }
  const clock = { now: () => nowMs, sleep: async () => undefined }
  const granted = Promise.withResolvers<void>()
  const group = new LeasedGroup({ ...parts, clock }, 'GET lead', () => granted.resolve())
  group.want([{ key: 'one', group: 'GET lead', priority: 'interactive', consumer: 'flow' }])
  await granted.promise
  const takenAtMs = group.take('one')
  const toldAtMs = nowMs
  group.release('one', takenAtMs, { holdMs: 2_000 })
  await group.close()
  const reports = told.flatMap((request) => request.reports)
  expect(reports.map(({ observation }) => observation)).toEqual([{ holdMs: 2_000 }])
  expect(reports[0]?.atMs).toBeGreaterThanOrEqual(toldAtMs)
})
