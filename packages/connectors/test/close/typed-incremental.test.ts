import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { streamRows } from '../../src/close/streams.ts'
import { Mirror } from './mirror.ts'
import { idsOf, openSandboxSource } from './stream-reading.ts'

let sandbox: Sandbox
let organization: string
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 200 })
  organization = sandbox.organizations[0]?.id ?? ''
})
afterAll(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(organization, type)

it.each([
  ['custom_activity', 'custom_activity_type', 'custom_activity_type_id'],
  ['custom_object', 'custom_object_type', 'custom_object_type_id'],
])(
  'a stream of one type of %s follows changes and deletions of its own records alone',
  async (type, types, field) => {
    const id = String(truth(types)[0]?.['id'])
    const own = () => truth(type).filter((record) => record[field] === id)
    const mirror = new Mirror(sandbox, id)
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(own()))
    sandbox.control.advanceClock(3_600_000)
    mirror.clock.shiftMs += 3_600_000
    const [first, second] = own().map((record) => String(record['id']))
    const lead_id = String(own()[0]?.['lead_id'])
    const other = String(truth(type).find((record) => record[field] !== id)?.['id'])
    sandbox.control.edit({ type, id: first ?? '', changes: { name: 'Changed' } })
    sandbox.control.edit({ type, id: other, changes: { name: 'Changed' } })
    sandbox.control.remove({ type, id: second ?? '' })
    const added = sandbox.control.insert({ type, record: { lead_id, [field]: id, name: 'New' } })
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(own()))
    expect(idsOf(mirror.read)).toEqual([String(first), String(added['id'])].sort())
    expect(mirror.deleted).toContain(second)
  },
)

it('only what is searched is offered by its changes', async () => {
  const source = await openSandboxSource(sandbox)
  const bySearch = new Set(
    streamRows.filter(({ reading }) => reading.by === 'search').map(({ name }) => name),
  )
  for (const { name, modes, deletes } of (await source.streams()).slice(0, streamRows.length)) {
    expect([name, modes.includes('incremental'), deletes]).toEqual(
      bySearch.has(name) ? [name, true, 'events'] : [name, false, 'none'],
    )
  }
  const selection = { stream: 'playbooks', mode: 'incremental', columns: [], parameters: {} } as const
  await expect(source.open(selection, 'run', new AbortController().signal)).rejects.toMatchObject({
    code: 'invalid_input',
  })
})
