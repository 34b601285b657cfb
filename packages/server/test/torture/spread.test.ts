import { newId } from '@latchwork/contract'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { refreshDueMs } from '../../src/credentials/refresh/refresh-plan.ts'

const count = 10_000
const lifetimeMs = 3_600_000

it('10,000 credentials authorized in the same minute are refreshed over twice the margin, none of them too late', () => {
  const minutes = fc.date({
    min: new Date('2026-01-01'),
    max: new Date('2036-01-01'),
    noInvalidDate: true,
  })
  const margins = fc.integer({ min: 60_000, max: 900_000 })
  fc.assert(
    fc.property(minutes, margins, (minute, marginMs) => {
      const perSecond = new Map<number, number>()
      for (let index = 0; index < count; index++) {
        const expiresAtMs = minute.getTime() + (index * 60_000) / count + lifetimeMs
        const dueMs = refreshDueMs(newId('credential'), expiresAtMs, marginMs)
        expect(dueMs).toBeLessThanOrEqual(expiresAtMs - marginMs)
        expect(dueMs).toBeGreaterThan(expiresAtMs - 3 * marginMs)
        const second = Math.floor(dueMs / 1000)
        perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
      }
      // As evenly as chance spreads them: eight standard deviations above the average would be a heap.
      const average = count / ((2 * marginMs) / 1000)
      expect(Math.max(...perSecond.values())).toBeLessThan(average + 8 * Math.sqrt(average) + 1)
    }),
    { numRuns: 5 },
  )
})
