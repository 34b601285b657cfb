import { awayOf, type DataRecord } from '@latchwork/contract'
import { type FaultOptions, type Sandbox, startSandbox } from 'close-sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Batch, Config, StreamReader } from '../../src/index.ts'
import { openReader, testContext } from '../context.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

const target = '/api/v1/data/search/'
const leads = 1200

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox({ leads })
})
afterEach(() => sandbox.close())

const spoil = (fault: Omit<FaultOptions, 'target'>) => sandbox.control.addFault({ target, ...fault })
const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const idsOf = (records: readonly Readonly<Record<string, unknown>>[]) =>
  records.map((record) => String(record['id'])).sort()

async function open(config: Config, answerBytes?: number): Promise<StreamReader> {
  return openReader(
    sandboxConnector(sandbox, { answerBytes }),
    config,
    keyCredential(sandbox),
    testContext(),
    'run',
  )
}

async function pagesOf(config: Config, answerBytes?: number): Promise<Batch[]> {
  const reader = await open(config, answerBytes)
  await reader.count()
  const pages: Batch[] = []
  for await (const page of reader.batches(null)) pages.push(page)
  return pages
}

const recordsOf = (pages: readonly Batch[]): DataRecord[] => pages.flatMap(({ records }) => records)

describe('reading Close', () => {
  it.each<[string, Omit<FaultOptions, 'target'>]>([
    ['without its list', { kind: 'omit', members: ['data'] }],
    ['cut off in the middle', { kind: 'cut' }],
    ['that is no JSON', { kind: 'nonsense' }],
    ['that is a page of a proxy', { kind: 'nonsense', body: '<html><h1>One moment</h1></html>' }],
    ['that is empty', { kind: 'nonsense', body: '' }],
  ])('asks again after an answer %s', async (_, fault) => {
    spoil({ ...fault, skip: 1 })
    spoil({ ...fault, skip: 9, times: 2 })
    expect(idsOf(recordsOf(await pagesOf({ object: 'leads' })))).toEqual(idsOf(truth('lead')))
    expect(sandbox.control.pendingFaults()).toEqual([])
  })

  it('ends after some answers that can’t be used, by an error that passes by itself', async () => {
    const reader = await open({ object: 'leads' })
    sandbox.control.clearRequests()
    spoil({ kind: 'omit', members: ['data'], times: 1000 })
    const error = await reader.count().catch((each: unknown) => each)
    expect(error).toMatchObject({ code: 'upstream_error' })
    expect(awayOf(error)).not.toBeNull()
    expect(sandbox.control.requests().length).toBeLessThanOrEqual(5)
  })

  it('does not take an answer without a cursor for the end', async () => {
    spoil({ kind: 'omit', members: ['cursor'], skip: 30, times: 1000 })
    const recent = Array.from({ length: 450 }, (_, index) => ({ name: `Made just now ${index}` }))
    for (const record of recent) sandbox.control.insert({ type: 'lead', record })
    expect(idsOf(recordsOf(await pagesOf({ object: 'leads' })))).toEqual(idsOf(truth('lead')))
  })

  it('does not take an answer without records for the end before it is given twice', async () => {
    const whole = idsOf(truth('lead'))
    const body = '{"data":[],"cursor":null}'
    // Not where it is asked how many there are, and from when to when.
    const containing = '"sort":[{"direction":"asc"'
    for (const skip of [1, 2, 5]) {
      spoil({ kind: 'nonsense', body, containing, skip })
      expect(idsOf(recordsOf(await pagesOf({ object: 'leads' }))), `after ${skip} answers`).toEqual(whole)
      sandbox.control.clearFaults()
    }
  })

  it('goes on where a cursor has expired', async () => {
    const lead = String(truth('lead')[0]?.['id'])
    for (let index = 0; index < 450; index += 1) {
      sandbox.control.insert({ type: 'task', record: { lead_id: lead } })
    }
    const body = JSON.stringify({ 'field-errors': { cursor: 'Expired cursor' } })
    spoil({ kind: 'status', status: 400, body, containing: '"cursor":', times: 1000 })
    expect(idsOf(recordsOf(await pagesOf({ object: 'tasks' })))).toEqual(idsOf(truth('task')))
  })

  it('gives each record once that stands twice in a page', async () => {
    spoil({ kind: 'twice', times: 1000 })
    expect(idsOf(recordsOf(await pagesOf({ object: 'leads' })))).toEqual(idsOf(truth('lead')))
  })

  it('asks for less where a page is too large, and for more again', async () => {
    const description = 'x'.repeat(60_000)
    for (let index = 0; index < 40; index += 1) {
      sandbox.control.insert({
        type: 'lead',
        record: { name: `Fat ${index}`, description, date_created: '2026-01-01T00:00:00Z' },
      })
    }
    const pages = await pagesOf({ object: 'leads', fields: 'name,description' }, 1_000_000)
    expect(idsOf(recordsOf(pages))).toEqual(idsOf(truth('lead')))
    const sizes = pages.map(({ records }) => records.length)
    expect(Math.max(...sizes.slice(-8))).toBeGreaterThan(50)
  })

  it('tells of a record that is too large by its id, and reads the others', async () => {
    const description = 'x'.repeat(1_100_000)
    const record = { name: 'Huge', description, date_created: '2026-01-01T00:00:00Z' }
    const { id } = sandbox.control.insert({ type: 'lead', record })
    const pages = await pagesOf({ object: 'leads', fields: 'name,description' }, 1_000_000)
    const refused = pages.flatMap((page) => page.refused ?? [])
    expect(refused).toMatchObject([{ record: { id }, code: 'record_too_large' }])
    expect(refused[0]?.message).toContain(String(id))
    expect(idsOf(recordsOf(pages))).toEqual(idsOf(truth('lead')).filter((each) => each !== id))
  })

  it.each([403, 402])(
    'reads the other kinds of activity where one is refused by %i, and says so',
    async (status) => {
      spoil({ kind: 'status', status, containing: '"activity.sms"', times: 1000 })
      const pages = await pagesOf({ object: 'activities' })
      const expected = truth('activity').filter((each) => each['_type'] !== 'SMS')
      expect(expected.length).toBeLessThan(truth('activity').length)
      expect(idsOf(recordsOf(pages))).toEqual(idsOf(expected))
      expect(pages.flatMap((page) => page.notices ?? [])).toMatchObject([
        { code: 'kind_refused', column: 'activity.sms', message: expect.stringContaining('activity.sms') },
      ])
    },
  )

  it('fails where all kinds that are read are refused', async () => {
    spoil({ kind: 'status', status: 403, times: 1000 })
    const failed = pagesOf({ object: 'activities', kinds: 'activity.sms,activity.note' })
    await expect(failed).rejects.toMatchObject({ code: 'stream_unavailable' })
  })
})
