import { type SearchPosition, type SearchRow, walkSearch } from '@latchwork/close'
import { describe, expect, it } from 'vitest'
import { ManualClock } from './manual-clock.ts'
import type { SearchModel } from './search-model.ts'
import { at, collect, DAY_MS, ids, modelOf, NOW_MS, record, spread, walkOf } from './search-walk.ts'

describe('walkSearch', () => {
  it('asks for each page from the last date, inclusive, with the id and both dates', async () => {
    const bodies: unknown[] = []
    const model = modelOf(spread(7))
    const client = {
      search: (body: Parameters<SearchModel['search']>[0]) => {
        bodies.push(body)
        return model.search(body)
      },
    }
    const clock = new ManualClock({ startMs: NOW_MS, jumps: true })
    for await (const _page of walkSearch(client, walkOf({ until: '2026-06-01T00:00:00Z' }), { clock })) {
      // Only the requests matter here.
    }
    const field = { type: 'regular_field', object_type: 'lead', field_name: 'date_updated' }
    const before = { type: 'fixed_utc', value: '2026-06-01T00:00:00Z' }
    expect(bodies).toEqual([
      {
        query: {
          type: 'and',
          queries: [
            { type: 'object_type', object_type: 'lead' },
            { type: 'field_condition', field, condition: { type: 'moment_range', before } },
          ],
        },
        _fields: { lead: ['id', 'date_updated', 'date_created', 'name'] },
        _limit: 5,
        sort: [{ direction: 'asc', field }],
      },
      expect.objectContaining({
        query: {
          type: 'and',
          queries: [
            { type: 'object_type', object_type: 'lead' },
            {
              type: 'field_condition',
              field,
              condition: {
                type: 'moment_range',
                on_or_after: { type: 'fixed_utc', value: '2026-05-31T12:04:00.000Z' },
                before,
              },
            },
          ],
        },
      }),
      // Nothing is the end but a search that brings nothing.
      expect.anything(),
    ])
  })

  it('reads nothing from nothing', async () => {
    expect(await collect(modelOf([]), walkOf())).toEqual({ rows: [], position: undefined, pages: 0 })
  })

  it('needs hardly more searches than there are pages', async () => {
    const model = modelOf(spread(400, 1_000))
    const { rows } = await collect(model, walkOf({ pageSize: 21 }))
    expect(rows.length).toBe(400)
    expect(model.searches).toBe(21)
  })

  it('continues from a position, and delivers the edited again', async () => {
    const clock = new ManualClock({ startMs: NOW_MS, jumps: true })
    const model = modelOf(spread(12), { clock })
    const first = await collect(model, walkOf(), { clock })
    const unchanged = await collect(model, walkOf({ from: first.position }), { clock })
    expect(unchanged.rows).toEqual([])
    model.touch('lead_3')
    const changed = await collect(model, walkOf({ from: first.position }), { clock })
    expect(ids(changed.rows)).toEqual(['lead_3'])
    // It changed just now, so the position waits for it to settle.
    expect(changed.position).toEqual(first.position)
    await clock.advance(200_000)
    const later = await collect(model, walkOf({ from: first.position }), { clock })
    expect(later.position).toEqual({ value: '2026-06-01T12:00:00.000Z', seenIds: ['lead_3'] })
  })

  it('reads more records of one millisecond than a cursor can, by their other date', async () => {
    const created = NOW_MS - 2 * DAY_MS
    const bulk = Array.from({ length: 130 }, (_, index) =>
      record(index, NOW_MS - DAY_MS, created + index * 1_000),
    )
    const rest = spread(30, 7_000).map((one, index) => ({ ...one, id: `lead_after_${index}` }))
    const { rows } = await collect(modelOf([...bulk, ...rest], { maxCursorObjects: 40 }), walkOf(), {
      maxCursorObjects: 40,
    })
    expect(ids(rows)).toEqual([...bulk, ...rest].map((one) => one.id).sort())
  })

  it('resumes in the middle of such records', async () => {
    const bulk = Array.from({ length: 60 }, (_, index) =>
      record(index, NOW_MS - DAY_MS, NOW_MS - 2 * DAY_MS + index * 1_000),
    )
    const model = modelOf(bulk)
    const walk = walkSearch(model, walkOf(), { clock: new ManualClock({ startMs: NOW_MS }) })
    const delivered: SearchRow[] = []
    let position: SearchPosition | undefined
    while (delivered.length < 30) {
      const { value } = await walk.next()
      if (value === undefined) break
      delivered.push(...value.records)
      position = JSON.parse(JSON.stringify(value.position))
    }
    const { rows } = await collect(model, walkOf({ from: position }))
    expect(ids([...delivered, ...rows])).toEqual(bulk.map((one) => one.id).sort())
  })

  it('says so when records cannot be told apart by either date', async () => {
    const same = Array.from({ length: 50 }, (_, index) => record(index, NOW_MS - DAY_MS))
    const few = await collect(modelOf(same), walkOf(), { maxCursorObjects: 60 })
    expect(few.rows.length).toBe(50)
    const tooMany = collect(modelOf(same, { maxCursorObjects: 40 }), walkOf(), { maxCursorObjects: 40 })
    await expect(tooMany).rejects.toMatchObject({
      code: 'server_error',
      message: expect.stringContaining('share one moment'),
    })
  })

  it.each([
    ['leaves a cursor before it expires', 25_000, 0],
    ['goes on after a cursor has expired', Number.POSITIVE_INFINITY, 2],
  ])('%s, when the reader is slow', async (_name, maxCursorAgeMs, expired) => {
    const clock = new ManualClock({ startMs: NOW_MS, jumps: true })
    const same = Array.from({ length: 20 }, (_, index) => record(index, NOW_MS - DAY_MS))
    const model = modelOf(same, { clock, cursors: 'offset' })
    const rows: SearchRow[] = []
    for await (const page of walkSearch(model, walkOf(), { clock, maxCursorAgeMs })) {
      rows.push(...page.records)
      await clock.advance(40_000)
    }
    expect(ids(rows)).toEqual(same.map((one) => one.id).sort())
    expect(model.expired).toBe(expired)
  })

  it('finds what slipped past a cursor that counts places', async () => {
    const clock = new ManualClock({ startMs: NOW_MS, jumps: true })
    const same = Array.from({ length: 20 }, (_, index) => record(index, NOW_MS - DAY_MS))
    let moved = 0
    const model = modelOf(same, {
      clock,
      cursors: 'offset',
      beforeSearch: (self) => {
        const read = rows.at(-1)
        if (read === undefined || rows.length < 10 || moved > 0) return
        moved += 1
        self.touch(read.id)
      },
    })
    const rows: SearchRow[] = []
    for await (const page of walkSearch(model, walkOf(), { clock })) rows.push(...page.records)
    expect(moved).toBe(1)
    expect(new Set(ids(rows))).toEqual(new Set(same.map((one) => one.id)))
  })

  it('does not jump over unread records behind one that shows a newer date than its place', async () => {
    const clock = new ManualClock({ startMs: NOW_MS, jumps: true })
    const model = modelOf(spread(40), { clock, indexLagMs: 60_000 })
    for (const index of [4, 9, 10, 11, 12, 13, 14, 15]) model.touch(`lead_${index}`)
    const { rows } = await collect(model, walkOf(), { clock })
    expect(new Set(ids(rows))).toEqual(new Set(spread(40).map((one) => one.id)))
  })

  it('gets on although this machine is days behind Close', async () => {
    const clock = new ManualClock({ startMs: NOW_MS - 3 * DAY_MS, jumps: true })
    const { rows } = await collect(modelOf(spread(200), { maxCursorObjects: 40 }), walkOf(), {
      clock,
      maxCursorObjects: 40,
    })
    expect(rows.length).toBe(200)
    expect(clock.slept).toEqual([])
  })

  it('waits for the order to settle when more records are changing than a cursor can read', async () => {
    const clock = new ManualClock({ startMs: NOW_MS, jumps: true })
    const model = modelOf(spread(80, 1), { clock, indexLagMs: 30_000, maxCursorObjects: 30 })
    for (let index = 0; index < 80; index += 1) {
      model.touch(`lead_${index}`)
      await clock.advance(1)
    }
    const { rows } = await collect(model, walkOf(), { clock, maxCursorObjects: 30 })
    expect(new Set(ids(rows)).size).toBe(80)
    expect(clock.slept).toContain(120_000)
  })

  it.each([
    ['does not sort', (rows: SearchRow[]) => rows.reverse()],
    ['does not filter', (rows: SearchRow[]) => rows],
  ])('refuses a server that %s', async (_name, spoil) => {
    const model = modelOf(spread(20))
    const client = {
      search: async (body: Parameters<SearchModel['search']>[0]) => {
        const { query: _query, ...unfiltered } = body
        const page = await model.search({ ...unfiltered, query: { type: 'match_all' } })
        return { ...page, data: spoil(page.data), cursor: 'more' }
      },
    }
    const walk = walkSearch(client, walkOf({ from: { value: at(NOW_MS - DAY_MS / 2), seenIds: [] } }))
    await expect(walk.next()).rejects.toMatchObject({ code: 'server_error' })
  })

  it('refuses a position that is none, and passes other refusals on', async () => {
    await expect(
      collect(modelOf([]), walkOf({ from: { value: 'soon', seenIds: [] } })),
    ).rejects.toMatchObject({
      code: 'invalid',
      fieldErrors: { 'from.value': expect.any(String) },
    })
    const failing = walkSearch({ search: () => Promise.reject(new Error('no')) }, walkOf())
    await expect(failing.next()).rejects.toThrow('no')
  })
})
