import { awayOf } from '@latchwork/contract'
import { type FaultOptions, type Sandbox, startSandbox } from 'close-sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testContext } from '../context.ts'
import { batchesOf, idsOf, openSandboxSource, openStream, recordsOf } from './stream-reading.ts'

/* Answers that are broken once, in the middle: nothing is lost by them, and they end nothing for good. */

let sandbox: Sandbox
let organization: string
beforeEach(async () => {
  sandbox = await startSandbox({ leads: 120, records: { group: 3 } })
  organization = sandbox.organizations[0]?.id ?? ''
})
afterEach(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(organization, type)
const spoil = (target: string, fault: Omit<FaultOptions, 'target'>) =>
  sandbox.control.addFault({ target: `/api/v1${target}`, ...fault })

async function openByHand(parameters: Record<string, string>) {
  const source = await openSandboxSource(sandbox)
  const selection = { stream: 'by_hand:mine', mode: 'full', columns: [], parameters } as const
  return source.open(selection, 'run', testContext().signal)
}

describe('an answer of Close that is broken once', () => {
  it.each<[string, Omit<FaultOptions, 'target'>]>([
    ['empty', { kind: 'nonsense', body: '' }],
    ['null', { kind: 'nonsense', body: 'null' }],
    ['a text', { kind: 'nonsense', body: '"one moment"' }],
    ['an object without an id', { kind: 'nonsense', body: '{}' }],
  ])('costs no record whose fields are asked for one by one: %s', async (_, fault) => {
    const whole = await recordsOf(sandbox, 'groups')
    expect(whole.length).toBeGreaterThan(1)
    spoil('/group/*/', { ...fault, skip: 1 })
    expect(await recordsOf(sandbox, 'groups')).toEqual(whole)
    expect(sandbox.control.pendingFaults()).toEqual([])
  })

  it('is not the end of the event log where it has no cursor', async () => {
    const lead = String(truth('lead')[0]?.['id'])
    for (let turn = 0; turn < 120; turn += 1)
      sandbox.control.insert({ type: 'note', record: { lead_id: lead, note: `Turn ${turn}` } })
    const whole = idsOf(await recordsOf(sandbox, 'event_log'))
    expect(whole.length).toBeGreaterThan(100)
    spoil('/event/', { kind: 'omit', members: ['cursor_next'], skip: 1 })
    expect(idsOf(await recordsOf(sandbox, 'event_log'))).toEqual(whole)
    const reader = await openByHand({ pagination: 'cursor', path: '/event/', query: '_limit=50' })
    spoil('/event/', { kind: 'omit', members: ['cursor_next'], skip: 1 })
    const records = (await batchesOf(reader)).flatMap((batch) => batch.records)
    expect(idsOf(records)).toEqual(whole)
    expect(sandbox.control.pendingFaults()).toEqual([])
  })

  it.each<[string, Omit<FaultOptions, 'target'>]>([
    ['without its list', { kind: 'omit', members: ['data'] }],
    ['with null for it', { kind: 'nonsense', body: '{"data":null}' }],
    ['with null in it', { kind: 'nonsense', body: '{"data":[null],"has_more":true}' }],
    ['with a text in it', { kind: 'nonsense', body: '{"data":["x"],"has_more":true}' }],
    ['with a record without its key', { kind: 'nonsense', body: '{"data":[{"name":"x"}],"has_more":true}' }],
  ])('ends no stream by hand for good: %s', async (_, fault) => {
    const reader = await openByHand({ path: '/contact/', page_size: '50' })
    spoil('/contact/', { ...fault, skip: 1 })
    const error = await batchesOf(reader).catch((each: unknown) => each)
    expect(error).toMatchObject({ code: 'upstream_error' })
    expect(awayOf(error)).not.toBeNull()
    const records = (await batchesOf(reader)).flatMap((batch) => batch.records)
    expect(idsOf(records)).toEqual(idsOf(truth('contact')))
  })

  it('says at once where a type of the account has none of its name', async () => {
    const [type] = truth('custom_activity_type')
    const id = String(type?.['id'])
    spoil(`/custom_activity/${id}/`, { kind: 'nonsense', body: '' })
    const reader = await openStream(sandbox, id)
    expect(reader.columns.length).toBeGreaterThan(1)
    expect(sandbox.control.pendingFaults()).toEqual([])
  })
})
