import { describe, expect, it } from 'vitest'
import { StreamVolumes } from '../../src/flows/runs/volume.ts'

const hourMs = 3_600_000
const times = { volumeTimes: 2 }

/** @param records newest first @param everyHours between two runs */
function read(records: readonly number[], full: boolean, everyHours = 1): StreamVolumes {
  const started = (ago: number) => (1000 - ago * everyHours) * hourMs
  const stream = 'leads'
  return new StreamVolumes(
    records.map((count, ago) => ({ runId: `run_${ago}`, stream, full, records: count, atMs: started(ago) })),
  )
}
const same = (count: number, runs: number) => Array.from({ length: runs }, () => count)

describe('a stream that is read whole', () => {
  it('is emptied once it always had records and has none, for as long as it has none', () => {
    expect(read([0, 5, 5, 5], true).isEmptied()).toBe(true)
    expect(read([0, 0, 0, 5, 5, 5], true).isEmptied()).toBe(true)
    expect(read([0, 5, 5], true).isEmptied()).toBe(false)
    expect(read([0, 5, 0, 5, 5, 5], true).isEmptied()).toBe(false)
    expect(read([1, 5, 5, 5], true).isEmptied()).toBe(false)
    expect(read(same(0, 30), true).isEmptied()).toBe(false)
    expect(read([], true).isEmptied()).toBe(false)
  })

  it('is unusual if it is far from the median, further than any before, and by enough records', () => {
    expect(read([499, ...same(1000, 5)], true).unusual(times)).toEqual({ records: 499, usual: 1000 })
    expect(read([2001, ...same(1000, 5)], true).unusual(times)).toEqual({ records: 2001, usual: 1000 })
    expect(read([500, ...same(1000, 5)], true).unusual(times)).toBeNull()
    expect(read([2000, ...same(1000, 5)], true).unusual(times)).toBeNull()
    // Four runs tell nothing of what is usual.
    expect(read([499, ...same(1000, 4)], true).unusual(times)).toBeNull()
    // It was so before.
    expect(read([499, 400, ...same(1000, 5)], true).unusual(times)).toBeNull()
    // A few records are no news.
    expect(read([10, ...same(50, 9)], true).unusual(times)).toBeNull()
    expect(read([499, ...same(1000, 5)], true).unusual({ volumeTimes: 3 })).toBeNull()
    expect(read([499, ...same(1000, 5)], true).unusual({ volumeTimes: null })).toBeNull()
    // That there are none is told in another way.
    expect(read([0, ...same(1000, 5)], true).unusual(times)).toBeNull()
  })

  it('is compared with its last ten runs alone', () => {
    expect(read([1000, ...same(400, 10), ...same(1000, 19)], true).unusual(times)).toEqual({
      records: 1000,
      usual: 400,
    })
  })
})

describe('a stream that is read by its changes', () => {
  it('may read anything but far more than ever', () => {
    expect(read([0, ...same(50, 9)], false).unusual(times)).toBeNull()
    expect(read([0, ...same(50, 9)], false).isEmptied()).toBe(false)
    expect(read([900, ...same(0, 9)], false).unusual(times)).toBeNull()
    expect(read([1000, ...same(100, 9)], false).unusual(times)).toBeNull()
    expect(read([1001, ...same(100, 9)], false).unusual(times)).toEqual({ records: 1001, usual: 100 })
    expect(read([1001, ...same(100, 5)], false).unusual(times)).toBeNull()
  })

  it('has as much more to read as the time was longer', () => {
    const late = (gap: number) => {
      const at = [100, 100 - gap, ...Array.from({ length: 8 }, (_, ago) => 99 - gap - ago)]
      const counts = [5000, ...same(100, 9)]
      return new StreamVolumes(
        at.map((hour, run) => ({
          ...{ runId: `run_${run}`, stream: 'leads', full: false },
          ...{ records: counts[run] ?? 0, atMs: hour * hourMs },
        })),
      )
    }
    expect(late(1).unusual(times)).toEqual({ records: 5000, usual: 100 })
    expect(late(5).unusual(times)).toBeNull()
  })

  it('has nothing to be compared with after it was read whole', () => {
    const volumes = [1500, 10, 10, 9000, 9000, 9000, 9000].map((records, ago) => ({
      ...{ runId: `run_${ago}`, stream: 'leads', full: ago > 2 },
      ...{ records, atMs: (100 - ago) * hourMs },
    }))
    expect(new StreamVolumes(volumes).unusual(times)).toBeNull()
  })
})
