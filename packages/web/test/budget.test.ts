import type { CredentialBudget } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { budgetBars, budgetWords, limitWords, partsOf } from '../src/credentials/budget.ts'

const consumer = (kind: 'flow' | 'pass' | 'checks' | 'others', name: string | null) => ({
  ...{ kind, name, id: name === null ? null : `id of ${name}` },
  ...{ requests: 0, waited: 0, putOff: 0 },
})
const budget = (requests: readonly number[], told = 0): CredentialBudget => ({
  by: 'minute',
  consumers: [consumer('flow', 'Nightly'), consumer('others', null)],
  groups: [],
  spans: requests.map((count, index) => ({
    at: new Date(2026, 10, 28, 10, index).toISOString(),
    ...{ requests: count, waited: 0, putOff: index === 0 ? told : 0 },
    byConsumer: [count - Math.min(count, 2), Math.min(count, 2)],
  })),
})
const limit = (requests: number, windowSeconds = 1) => ({ requests, windowSeconds })

describe('the chart of a budget', () => {
  it('draws the limit where it is near, and says it in words where it is far', () => {
    const near = budgetBars(budget([30, 60, 0]), limit(2))
    expect(near.line).toBe(1)
    expect(near.bars.map(({ height }) => height)).toEqual([0.25, 0.5, 0])
    const above = budgetBars(budget([30, 240]), limit(2))
    expect([above.line, above.bars[1]?.height]).toEqual([0.5, 1])
    const far = budgetBars(budget([10, 20]), limit(2))
    expect([far.line, far.bars[1]?.height]).toEqual([undefined, 1])
    expect(budgetWords(budget([10, 20]), limit(2))).toBe(
      '30 requests in the last hour. The busiest minute had 20, 17 % of what Close allows.',
    )
    expect(budgetBars(budget([0, 0]), null).bars[0]?.height).toBe(0)
  })

  it('is made of who sent the requests, and marks what was told to wait', () => {
    const { bars } = budgetBars(budget([5, 1], 3), null)
    expect(bars[0]).toMatchObject({
      mark: '!',
      parts: [
        { series: 0, size: 3 },
        { series: 1, size: 2 },
      ],
    })
    expect(bars[0]?.words).toMatch(/^10:00.*: 5 requests \(Nightly 3, Others 2\), 3 told to wait$/)
    expect(bars[1]?.words).toMatch(/: 1 request \(Others 1\)$/)
    expect(bars[1]?.mark).toBe('')
    expect(budgetWords(budget([5, 1], 3), null)).toBe('6 requests in the last hour, 3 told to wait.')
    expect(budgetWords(budget([]), null)).toBe('No requests in the last hour.')
  })

  it('counts those without a colour of their own together', () => {
    const sizes = partsOf([1, 0, 1, 1, 1, 2, 3]).map(({ series, size }) => [series, size])
    expect(sizes).toEqual([
      [0, 1],
      [2, 1],
      [3, 1],
      [4, 1],
      [5, 5],
    ])
  })

  it('says the limits that Close named', () => {
    const group = { group: 'GET lead', requests: 1, waited: 0, putOff: 0, organizationLimit: null }
    expect(limitWords({ ...group, limit: null })).toContain('has not named a limit')
    expect(limitWords({ ...group, limit: limit(20) })).toBe(
      'Close allows 20 requests a second with this key.',
    )
    expect(limitWords({ ...group, limit: limit(100, 5), organizationLimit: limit(300, 5) })).toBe(
      'Close allows 100 requests in 5 seconds with this key, and 300 with all keys of the organization.',
    )
  })
})
