import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Mirror } from './mirror.ts'

const dayMs = 86_400_000

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox({ leads: 60, now: Date.parse('2026-05-01T12:00:00Z') })
})
afterEach(() => sandbox.close())

const organizationId = () => sandbox.organizations[0]?.id ?? ''
const truth = (type: string) => sandbox.control.truth(organizationId(), type)
const idsOf = (type: string) =>
  truth(type)
    .map(({ id }) => String(id))
    .sort()
const some = (type: string, index = 0) => String(truth(type)[index]?.['id'])
/** Beyond what is read again in any case. */
const later = (milliseconds = 3_600_000) => sandbox.control.advanceClock(milliseconds)
const searches = () => sandbox.control.requests().filter(({ path }) => path === '/api/v1/data/search/').length

/** A destination that holds all of a stream by now. */
async function filled(stream: string, columns: readonly string[] = [], kinds = ''): Promise<Mirror> {
  const mirror = new Mirror(sandbox, stream, columns, { kinds })
  await mirror.run()
  later()
  return mirror
}

describe('an incremental run of Close', () => {
  it.each(['leads', 'contacts', 'opportunities', 'tasks'])(
    'brings only what changed of %s',
    async (stream) => {
      const type =
        { leads: 'lead', contacts: 'contact', opportunities: 'opportunity', tasks: 'task' }[stream] ?? ''
      const mirror = await filled(stream, ['date_updated'])
      expect(mirror.ids()).toEqual(idsOf(type))
      const id = some(type, 3)
      sandbox.control.edit({ type, id, changes: { name: 'Changed', note: 'Changed', text: 'Changed' } })
      const added = sandbox.control.insert({ type, record: { name: 'New', lead_id: some('lead') } })
      await mirror.run()
      expect(mirror.read.map((record) => record['id']).sort()).toEqual([added['id'], id].sort())
      expect(mirror.ids()).toEqual(idsOf(type))
      // What changed shortly before a run began comes once more.
      later()
      await mirror.run()
      later()
      await mirror.run()
      expect(mirror.read).toEqual([])
    },
  )

  it('brings the changes of each kind of activity', async () => {
    const mirror = await filled('activities', ['_type', 'date_updated'])
    expect(mirror.ids()).toEqual(idsOf('activity'))
    const call = some('activity.call')
    sandbox.control.edit({ type: 'activity.call', id: call, changes: { note: 'Changed' } })
    const note = sandbox.control.insert({ type: 'activity.note', record: { lead_id: some('lead') } })
    await mirror.run()
    expect(mirror.read.map(({ id }) => id).sort()).toEqual([call, note['id']].sort())
  })

  it.each(['offset', 'naive', 'zulu', 'documented'] as const)(
    'reads dates that are written as %s',
    async (spelling) => {
      sandbox.control.setTimestamps(spelling)
      const mirror = await filled('contacts', ['date_updated'])
      const id = some('contact', 2)
      sandbox.control.edit({ type: 'contact', id, changes: { title: 'Changed' } })
      sandbox.control.remove({ type: 'contact', id: some('contact', 5) })
      await mirror.run()
      expect(mirror.read.map((record) => record['id'])).toEqual([id])
      expect(mirror.ids()).toEqual(idsOf('contact'))
    },
  )

  it('brings changes of one millisecond that do not fit on a page, and goes on where it was cut off', async () => {
    const mirror = await filled('tasks', ['text', 'date_updated'])
    const record = { lead_id: some('lead') }
    const ids = Array.from({ length: 450 }, () =>
      String(sandbox.control.insert({ type: 'task', record })['id']),
    )
    sandbox.control.bulkEdit({ type: 'task', ids, changes: { text: 'At once' } })
    later()
    await mirror.run(1)
    const [before] = [mirror.read.length]
    expect(before).toBeLessThan(450)
    await mirror.run()
    expect(before + mirror.read.length).toBeLessThan(450 + 210)
    expect(mirror.ids()).toEqual(idsOf('task'))
    expect([...mirror.records.values()].filter(({ text }) => text === 'At once')).toHaveLength(450)
  })

  it('looks from the begin of the run before: what changed while it read is not lost', async () => {
    const mirror = new Mirror(sandbox, 'contacts', ['title'])
    const [first, last] = [some('contact', 0), some('contact', -1)]
    sandbox.control.onListPage({
      path: '/api/v1/data/search/',
      afterPages: 4,
      do: () => {
        sandbox.control.edit({ type: 'contact', id: first, changes: { title: 'While read' } })
        later(2 * 3_600_000)
      },
    })
    await mirror.run()
    expect(last).toBeDefined()
    await mirror.run()
    expect(mirror.records.get(first)).toMatchObject({ title: 'While read' })
  })

  it('finds a record that search shows late', async () => {
    const mirror = await filled('leads', ['name'])
    const { id } = sandbox.control.insert({ type: 'lead', record: { name: 'Late' } })
    sandbox.control.keepFromSearch({ type: 'lead', id: String(id), milliseconds: 60_000 })
    sandbox.control.insert({ type: 'lead', record: { name: 'On time' } })
    later(10_000)
    await mirror.run()
    expect(mirror.records.has(String(id))).toBe(false)
    later(90_000)
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf('lead'))
  })

  it.each([3_600_000, -3_600_000, 40 * dayMs])('holds while our clock is wrong by %i ms', async (shiftMs) => {
    const mirror = new Mirror(sandbox, 'leads', ['name'])
    mirror.clock.shiftMs = shiftMs
    await mirror.run()
    const { id } = sandbox.control.insert({ type: 'lead', record: { name: 'Soon after' } })
    sandbox.control.keepFromSearch({ type: 'lead', id: String(id), milliseconds: 30_000 })
    later(10_000)
    await mirror.run()
    later(60_000)
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf('lead'))
  })

  it('finds what got an old date because Close’s clock was set back', async () => {
    const mirror = await filled('leads', ['name'])
    await mirror.run()
    later(-7_200_000)
    sandbox.control.insert({ type: 'lead', record: { name: 'In the past' } })
    sandbox.control.remove({ type: 'lead', id: some('lead', 4) })
    later(600_000)
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf('lead'))
  })

  it('reads nothing again where Close’s clock only seems to be set back, by what it is known inexactly', async () => {
    const mirror = await filled('leads', ['name'])
    sandbox.control.insert({ type: 'lead', record: { name: 'New' } })
    await mirror.run()
    later(3_600_000)
    await mirror.run()
    later(3_600_000)
    await mirror.run()
    expect(mirror.read).toEqual([])
    later(-10_000)
    await mirror.run()
    expect(mirror.read).toEqual([])
  })

  it('ends though people go on making changes', async () => {
    const mirror = await filled('contacts', ['name'])
    sandbox.control.insert({ type: 'contact', record: { lead_id: some('lead') } })
    sandbox.control.clearRequests()
    sandbox.control.onListPage({
      ...{ path: '/api/v1/data/search/', afterPages: 1, repeat: true },
      do: () => {
        if (searches() > 200) return
        later(20_000)
        sandbox.control.insert({ type: 'contact', record: { lead_id: some('lead') } })
      },
    })
    await mirror.run()
    expect(searches()).toBeLessThan(20)
    sandbox.control.clearListPageScripts()
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf('contact'))
  })

  it('asks for little where little has changed', async () => {
    const mirror = await filled('contacts')
    await mirror.run()
    later()
    sandbox.control.clearRequests()
    await mirror.run()
    expect(mirror.read).toEqual([])
    expect(searches()).toBeLessThanOrEqual(2)
  })

  it('reads a kind as a whole that was not chosen before, and all again for a further column', async () => {
    const mirror = await filled('activities', ['_type'], 'activity.note')
    const more = new Mirror(sandbox, 'activities', ['_type'], { kinds: 'activity.note,activity.call' })
    Object.assign(more, { state: mirror.state })
    await more.run()
    expect(more.ids()).toEqual(idsOf('activity.call'))
    const wider = new Mirror(sandbox, 'activities', ['_type', 'note'], {
      kinds: 'activity.note,activity.call',
    })
    Object.assign(wider, { state: more.state })
    await wider.run()
    expect(wider.ids()).toEqual([...idsOf('activity.call'), ...idsOf('activity.note')].sort())
  })

  it('reads a kind as a whole once it is not refused any more', async () => {
    const target = '/api/v1/data/search/'
    sandbox.control.addFault({
      target,
      kind: 'status',
      status: 403,
      containing: '"activity.sms"',
      times: 1000,
    })
    const mirror = await filled('activities', ['_type'], 'activity.sms,activity.note')
    expect(mirror.ids()).toEqual(idsOf('activity.note'))
    expect(mirror.notices.map(({ code }) => code)).toEqual(['kind_refused'])
    sandbox.control.clearFaults()
    await mirror.run()
    expect(mirror.ids()).toEqual([...idsOf('activity.sms'), ...idsOf('activity.note')].sort())
  })

  it.each([
    ['of a full read', { ranges: [] }],
    [
      'of a later version',
      { version: 2, columns: [], kinds: {}, deletedMs: null, comparedMs: null, reading: null },
    ],
    ['of another source', 17],
  ])('refuses a state %s', async (_, state) => {
    const mirror = new Mirror(sandbox, 'leads')
    Object.assign(mirror, { state })
    await expect(mirror.run()).rejects.toMatchObject({ code: 'checkpoint_unreadable' })
    expect(mirror.records.size).toBe(0)
  })

  it('is offered for what is searched, and refused for what is listed', async () => {
    await expect(new Mirror(sandbox, 'users').run()).rejects.toMatchObject({ code: 'invalid_input' })
  })
})
