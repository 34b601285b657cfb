import { newId } from '@latchwork/contract'
import { createLocalProvider, createVault } from '@latchwork/vault'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import type { OpenStores } from '../../src/app/stores.ts'
import { sealPlainRecords } from '../../src/flows/runs/plain-records.ts'
import type { RefusedRecord } from '../../src/flows/runs/record-sealer.ts'
import { RetainedRecords } from '../../src/flows/runs/retained-records.ts'
import { oldRuns } from '../../src/flows/store/run-records.ts'
import type { RunRow } from '../../src/flows/store/run-row.ts'
import { makePostgresPlace, openTestStores } from './database.ts'
import { tablesHolding } from './dump.ts'
import { planOf } from './plan.ts'
import { insertFlow, saveBatch } from './samples.ts'
import type { GetSubject } from './subject.ts'

const vault = createVault(createLocalProvider([Buffer.alloc(32, 9)], 'a test'))
const forever = new AbortController().signal
const nothing = { columns: [], key: null, records: [] }
const all = { query: '', limit: 50 }

const refusedAt = (page: number): RefusedRecord => ({
  key: `key\0${page}`,
  row: page + 1,
  whole: true,
  record: { page, text: 'a\0b', name: 'Marisol Quillfeather' },
  code: 'record_refused',
  message: `no\0 ${page} for Quillfeather`,
  entry: null,
})

export function describeRecords(getSubject: GetSubject): void {
  describe('what is kept of runs', () => {
    const warnings: object[] = []
    const log = { warn: (fields: object) => void warnings.push(fields) }
    const keptOf = ({ records }: OpenStores) => new RetainedRecords({ store: records, vault, log })
    const kept = () => keptOf(getSubject().stores)
    const tables = () => getSubject().stores.database.tables

    const newRun = async () => {
      const { runs } = getSubject().stores
      const { flow } = await insertFlow(getSubject().stores)
      const { id } = await runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null })
      await runs.start(id)
      return id
    }
    const save = async (id: string, refused: RefusedRecord[], last: unknown[] = [], before = 0) => {
      const sealer = await keptOf(getSubject().stores).sealer(id)
      const recordsRefused = before + refused.length
      const progress = {
        ...{ recordsRead: 9, recordsWritten: 0, recordsRefused, recordsCreated: 0 },
        ...{ pages: 1, checkpoint: null },
      }
      const kept = refused.map((each) => ({ ...each, json: JSON.stringify(each.record) }))
      const records = last.length === 0 ? null : sealer.last('leads', 'records', JSON.stringify(last))
      const held = await heldOf(id)
      const saved = { refused: sealer.page('leads', before, kept), last: records }
      await saveBatch(getSubject().stores, held, progress, saved)
    }
    const heldOf = async (id: string): Promise<RunRow> => {
      const run = await getSubject().stores.runs.find(id)
      if (run === null) throw new Error('there is no run')
      return run
    }
    const finish = async (id: string) =>
      getSubject().stores.runs.finish(await heldOf(id), 'succeeded', null, null)
    /** What somebody who can write to the database could do. */
    const write = (statement: ReturnType<typeof sql>) => statement.execute(tables())

    it('#61 is sealed: columns, last records, refused records and why they were', async () => {
      const id = await newRun()
      expect(await kept().last(id)).toEqual(nothing)
      const columns = [{ name: 'id', label: 'Quillfeather', type: 'text' }]
      const sealer = await kept().sealer(id)
      await getSubject().stores.records.saveColumns(
        await heldOf(id),
        'leads',
        sealer.last('leads', 'columns', JSON.stringify(columns)),
      )
      expect(await kept().last(id)).toEqual({ columns, key: null, records: [] })
      await save(id, [refusedAt(1)], [{ id: 1 }, { id: 'ü\0', name: 'Quillfeather' }])
      await save(id, [], [], 1)
      expect(await kept().last(id)).toEqual({
        columns,
        key: null,
        records: [{ id: 1 }, { id: 'ü\0', name: 'Quillfeather' }],
      })
      expect((await kept().refused(id, all)).items).toMatchObject([{ position: 1, ...refusedAt(1) }])
      expect(await tablesHolding(getSubject().stores, ['Quillfeather', 'key\\u0000'])).toEqual([])
      expect(warnings).toEqual([])
    })

    it('is in order, searched and paged', async () => {
      const id = await newRun()
      await save(id, [refusedAt(1), { ...refusedAt(2), key: null }])
      await save(
        id,
        Array.from({ length: 2_500 }, (_, index) => refusedAt(index + 3)),
        [],
        2,
      )
      const first = await kept().refused(id, { query: '', limit: 2 })
      expect(first.total).toBe(2_502)
      expect(first.items).toMatchObject([refusedAt(1), { key: null, record: { page: 2 } }])
      const second = await kept().refused(id, { query: '', limit: 2, cursor: first.nextCursor ?? '' })
      expect(second.items.map((item) => item.position)).toEqual([3, 4])
      expect(await kept().refused(id, { query: 'yes 2502', limit: 9 })).toMatchObject({ items: [], total: 0 })
      const found = await kept().refused(id, { query: 'QUÍLLfeather record_refused 250', limit: 2 })
      expect(found.items.map((item) => item.position)).toEqual([250, 1250])
      expect(found.total).toBe(6)
      const rest = await kept().refused(id, { query: '250', limit: 4, cursor: found.nextCursor ?? '' })
      expect(rest.items.map((item) => item.position)).toEqual([2250, 2500, 2501, 2502])
      expect(rest.nextCursor).toBeNull()
    })

    it('#61 is no more than has its place, and none of it after its time: the key goes first', async () => {
      const id = await newRun()
      const young = await newRun()
      const many = Array.from({ length: 10_005 }, (_, index) => refusedAt(index))
      await save(id, many, [{ page: 1 }])
      await save(id, many.slice(0, 5), [], many.length)
      await save(young, many.slice(0, 1))
      const { runs, records } = getSubject().stores
      const total = async (runId: string) => (await kept().refused(runId, { query: '', limit: 1 })).total
      expect(await total(id)).toBe(10_000)
      await records.eraseOld({ samplesMs: 0, quarantineMs: 0 }) // it has not ended yet
      expect(await total(id)).toBe(10_000)
      await finish(id)
      await records.eraseOld({ samplesMs: 3_600_000, quarantineMs: 3_600_000 })
      expect(await total(id)).toBe(10_000)
      await records.eraseOld({ samplesMs: 0, quarantineMs: 0 })
      expect(await total(id)).toBe(0)
      expect(await kept().last(id)).toEqual(nothing)
      for (const table of ['runKeys', 'lastRecords', 'refusedRecords'] as const) {
        expect(await tables().selectFrom(table).select('runId').where('runId', '=', id).execute()).toEqual([])
      }
      expect(await runs.find(id)).toMatchObject({ status: 'succeeded', recordsRefused: 10_010 })
      expect(await total(young)).toBe(1)
    })

    it('#61 is found by its age in an index, however many runs there are that keep nothing', async () => {
      await using test = await openTestStores(
        getSubject().stores.kind === 'sqlite' ? undefined : makePostgresPlace,
      )
      const { records, kind } = test.stores
      const { tables } = test.stores.database
      const { flow } = await insertFlow(test.stores)
      const ended = Array.from({ length: 3_000 }, (_, at) => ({
        ...{ id: newId('run'), flowId: flow.id, startedBy: null, status: 'succeeded' },
        ...{ createdAt: at, finishedAt: at, hasRecords: at % 20 === 0 ? 1 : 0 },
      }))
      for (let at = 0; at < ended.length; at += 500)
        await tables
          .insertInto('runs')
          .values(ended.slice(at, at + 500))
          .execute()
      if (kind === 'postgres') await sql`vacuum analyze`.execute(tables)
      const due = () => oldRuns(tables, Date.now())
      expect(await planOf(kind, due())).toMatch(
        /using (covering )?index runs_with_records|using runs_with_records/i,
      )
      expect((await due().execute()).length).toBe(100)
      await records.eraseOld({ samplesMs: 0, quarantineMs: 0 })
      expect(await due().execute()).toEqual([])
    })

    it('#35 #61 opens nowhere else: what was moved or altered is an error in its place, and nothing more', async () => {
      const [id, other] = [await newRun(), await newRun()]
      for (const run of [id, other])
        await save(run, [refusedAt(1), refusedAt(2), refusedAt(3), refusedAt(4)], [{ of: run }])
      const shown = async (run: string) =>
        (await kept().refused(run, all)).items.map(({ code, record }) => [code, record])
      const whole = (page: number) => ['record_refused', refusedAt(page).record]
      const gone = ['record_unreadable', {}]
      // From another run; from another place of the same run; a reason in the place of a record.
      await write(sql`update refused_records set record = (select record from refused_records as o
        where o.run_id = ${other} and o.position = 1) where run_id = ${id} and position = 1`)
      await write(sql`update refused_records set reason = (select reason from refused_records as o
        where o.run_id = ${id} and o.position = 3) where run_id = ${id} and position = 2`)
      await write(sql`update refused_records set record = reason where run_id = ${id} and position = 3`)
      expect(await shown(id)).toEqual([gone, gone, gone, whole(4)])
      expect(await shown(other)).toEqual([1, 2, 3, 4].map(whole))
      expect((await kept().refused(id, { query: 'quillfeather', limit: 9 })).total).toBe(3)

      await write(sql`update last_records set records = (select records from last_records as o
        where o.run_id = ${other}) where run_id = ${id}`)
      await expect(kept().last(id)).rejects.toMatchObject({ code: 'record_unreadable' })
      expect((await kept().last(other)).records).toEqual([{ of: other }])

      // With the other run's key as well.
      await write(sql`update run_keys set sealed = (select sealed from run_keys as o
        where o.run_id = ${other}) where run_id = ${id}`)
      expect(await shown(id)).toEqual([gone, gone, gone, gone])
      await expect(kept().last(id)).rejects.toMatchObject({ code: 'record_unreadable' })
      await write(sql`update run_keys set sealed = 'half a do' where run_id = ${id}`)
      expect(await shown(id)).toEqual([gone, gone, gone, gone])
      expect((await kept().refused(id, { query: 'quillfeather', limit: 9 })).total).toBe(0)

      // A run under way begins with no records again.
      await save(id, [refusedAt(5)], [{ of: 'itself' }], 4)
      expect(await shown(id)).toEqual([whole(5)])
      expect((await kept().last(id)).records).toEqual([{ of: 'itself' }])
      expect(warnings).toContainEqual({ runId: id, code: 'secret_unreadable' })
    })

    it('has one key, whichever process was first', async () => {
      const { stores, rival } = getSubject()
      const id = await newRun()
      const sealers = await Promise.all([stores, rival, stores, rival].map((each) => keptOf(each).sealer(id)))
      for (const [index, sealer] of sealers.entries()) {
        await stores.records.saveColumns(
          await heldOf(id),
          'leads',
          sealer.last('leads', 'columns', JSON.stringify({ columns: [], key: `${index}` })),
        )
        expect(await kept().last(id)).toEqual({ columns: [], key: `${index}`, records: [] })
      }
      await expect(kept().sealer('run_none')).rejects.toMatchObject({ code: 'run_not_found' })
    })

    it('#61 in plain text by an earlier version is sealed, a little at a time', async () => {
      const [ended, going] = [await newRun(), await newRun()]
      const old = (runId: string, position: number) => ({
        ...{ runId, position, primaryKey: `key ${position}`, at: 1_700_000_000_000 + position },
        record: JSON.stringify({ name: 'Osric Quillfeather', position }),
        ...{ code: 'record_refused', message: 'no Quillfeather', searchText: 'quillfeather' },
      })
      for (const runId of [ended, going]) {
        await tables()
          .insertInto('runSamples')
          .values({ runId, columns: '[]', records: '[{"name":"Old Quillfeather"}]' })
          .execute()
        await tables()
          .insertInto('quarantine')
          .values(Array.from({ length: 450 }, (_, index) => old(runId, index + 1)))
          .execute()
      }
      await save(going, [refusedAt(451)], [{ name: 'New' }], 450)
      await finish(ended)
      const { stores, rival } = getSubject()
      expect(await tablesHolding(stores, ['Quillfeather'])).toEqual(['run_samples', 'quarantine'].toSorted())
      await Promise.all([stores, rival].map((each) => sealPlainRecords(each.records, keptOf(each), forever)))
      expect(await tablesHolding(stores, ['Quillfeather', 'quillfeather'])).toEqual([])

      expect(await kept().last(ended)).toEqual({
        columns: [],
        key: null,
        records: [{ name: 'Old Quillfeather' }],
      })
      expect((await kept().last(going)).records).toEqual([{ name: 'New' }])
      const { items, total } = await kept().refused(ended, { query: 'QUILLfeather', limit: 1 })
      expect(total).toBe(450)
      expect(items).toEqual([
        {
          ...{ position: 1, stream: '', key: 'key 1', row: null, whole: false, entry: null },
          record: { name: 'Osric Quillfeather', position: 1 },
          ...{ code: 'record_refused', message: 'no Quillfeather', at: 1_700_000_000_001 },
        },
      ])
      expect((await kept().refused(going, { query: '', limit: 1 })).total).toBe(451)
      await stores.records.eraseOld({ samplesMs: 0, quarantineMs: 0 })
      expect((await kept().refused(ended, all)).total).toBe(0)
    })
  })
}
