import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Mirror } from './mirror.ts'

/* What Close has again after it was deleted, with its old date, so that no search by the date of a change finds it. */

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox({ leads: 60, now: Date.parse('2026-05-01T12:00:00Z') })
})
afterEach(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const idsOf = (type: string) =>
  truth(type)
    .map(({ id }) => String(id))
    .sort()
const later = () => sandbox.control.advanceClock(3_600_000)

/** A destination that holds all of a stream, and from which a record went two runs ago. */
async function withoutOne(stream: string, type: string, deleted: string, columns: string[], kinds = '') {
  const mirror = new Mirror(sandbox, stream, columns, { kinds })
  await mirror.run()
  later()
  sandbox.control.remove({ type, id: deleted })
  await mirror.run()
  later()
  await mirror.run()
  later()
  return mirror
}

it.each([
  ['leads', 'lead', ''],
  ['contacts', 'contact', ''],
  ['opportunities', 'opportunity', ''],
  ['tasks', 'task', ''],
  ['activities', 'activity.note', 'activity.note'],
])('%s come back long after they were deleted', async (stream, type, kinds) => {
  const record = truth(type)[3] ?? {}
  const id = String(record['id'])
  const mirror = await withoutOne(stream, type, id, ['date_updated'], kinds)
  expect(mirror.records.has(id)).toBe(false)
  sandbox.control.insert({ type, record })
  await mirror.run()
  expect(mirror.ids()).toEqual(idsOf(type))
  expect(mirror.records.has(id)).toBe(true)
})

it('a lead shows such a contact again', async () => {
  const record = truth('contact')[3] ?? {}
  const mirror = await withoutOne('leads', 'contact', String(record['id']), ['contact_ids'])
  sandbox.control.insert({ type: 'contact', record })
  await mirror.run()
  const lead = truth('lead').find(({ id }) => id === record['lead_id'])
  expect(lead?.['contact_ids']).toContain(record['id'])
  expect(mirror.records.get(String(lead?.['id']))?.['contact_ids']).toEqual(lead?.['contact_ids'])
})
