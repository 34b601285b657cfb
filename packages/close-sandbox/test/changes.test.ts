import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { type Call, caller, idOf, rowsOf, send } from './client.ts'

let sandbox: Sandbox
let call: Call
let organizationId: string
beforeEach(async () => {
  sandbox = await startSandbox({ leads: 40, seed: 'changes' })
  call = caller(sandbox)
  organizationId = sandbox.organizations[0]?.id ?? ''
})
afterEach(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(organizationId, type)
const events = async (query = ''): Promise<JsonObject[]> => rowsOf(await call('GET', `/event/?${query}`))

describe('a merge of leads', () => {
  const children = (leadId: string) =>
    ['contact', 'opportunity', 'task', 'activity', 'custom_object'].flatMap((type) =>
      truth(type).filter((record) => record['lead_id'] === leadId),
    )

  it.each([false, true])('takes the children along (keeping their dates: %s)', async (keepDates) => {
    const [first, second] = truth('custom_object').map((object) => String(object['lead_id']))
    const source = String(first)
    const destination = String(truth('lead').find(({ id }) => id !== source && id !== second)?.['id'])
    const before = children(source)
    expect(before.length).toBeGreaterThan(3)
    sandbox.control.merge({ source, destination, keepDates })
    expect(children(source)).toEqual([])
    const after = new Map(children(destination).map((record) => [record['id'], record]))
    for (const record of before) {
      const moved = after.get(record['id'] ?? '')
      expect(moved, String(record['id'])).toBeDefined()
      expect(moved?.['date_updated'] === record['date_updated']).toBe(keepDates)
    }
    expect((await call('GET', `/lead/${source}/`)).status).toBe(404)
    const logged = await events()
    const ofLeads = logged.filter((event) => event['object_type'] === 'lead')
    expect(ofLeads.map(({ action, object_id }) => [action, object_id])).toEqual([
      ['deleted', source],
      ['merged', source],
    ])
    expect(ofLeads[1]?.['meta']).toMatchObject({
      merge_source_lead_id: source,
      merge_destination_lead_id: destination,
    })
    expect(
      logged.some((event) => event['object_type'] === 'contact' || event['object_type'] === 'custom_object'),
    ).toBe(!keepDates)
    const merges = logged.filter((event) => event['object_type'] === 'activity.lead_merge')
    expect(merges.filter(({ action }) => action === 'created')).toHaveLength(1)
  })

  it('is refused for leads that are not there', () => {
    const id = idOf(truth('lead')[0])
    expect(() => sandbox.control.merge({ source: id, destination: 'lead_none' })).toThrow('no lead lead_none')
    expect(() => sandbox.control.merge({ source: 'lead_none', destination: id })).toThrow('no lead lead_none')
    expect(() => sandbox.control.merge({ source: id, destination: id })).toThrow('itself')
  })
})

it('thousands of changes of every kind leave lists and searches that say what is', async () => {
  const added = Array.from({ length: 1_500 }, (_, number) =>
    idOf(sandbox.control.insert({ type: 'lead', record: { name: `Lead ${number}` } })),
  )
  added.forEach((id, number) => {
    sandbox.control.insert({ type: 'contact', record: { lead_id: id, name: `Contact ${number}` } })
    sandbox.control.insert({ type: 'custom_object', record: { lead_id: id } })
    if (number % 3 === 0) sandbox.control.edit({ type: 'lead', id, changes: { name: `Changed ${number}` } })
    if (number % 3 === 1) sandbox.control.merge({ source: id, destination: added[number - 1] ?? '' })
    if (number % 5 === 4 && number % 3 === 2) sandbox.control.remove({ type: 'lead', id })
  })
  for (const object_type of ['lead', 'contact', 'custom_object']) {
    const found = await searchAll({ query: { type: 'object_type', object_type }, _limit: 200 })
    expect(found.map(idOf).sort()).toEqual(truth(object_type).map(idOf).sort())
  }
  // 1,500 of them and 40 before, less 500 merged and 100 deleted.
  expect(truth('lead')).toHaveLength(940)
  expect(
    truth('lead').filter(({ contacts }) => Array.isArray(contacts) && contacts.length === 2).length,
  ).toBeGreaterThan(490)
})

it('many records with one date are more than a page, in tables and in small collections', async () => {
  const ids = Array.from({ length: 450 }, () => idOf(sandbox.control.insert({ type: 'lead', record: {} })))
  sandbox.control.advanceClock(60_000)
  sandbox.control.bulkEdit({ type: 'lead', ids, changes: { description: 'together' } })
  const date = truth('lead').find(({ description }) => description === 'together')?.['date_updated'] ?? ''
  const field = { type: 'regular_field', object_type: 'lead', field_name: 'date_updated' }
  const at = { type: 'fixed_utc', value: date }
  const found = await searchAll({
    query: {
      type: 'and',
      queries: [
        { type: 'object_type', object_type: 'lead' },
        { type: 'field_condition', field, condition: { type: 'moment_range', on_or_after: at } },
      ],
    },
    sort: [{ direction: 'asc', field }],
    _limit: 200,
  })
  expect(found.map(idOf).sort()).toEqual(ids.toSorted())

  const playbooks = truth('playbook').map(idOf)
  sandbox.control.bulkEdit({ type: 'playbook', ids: playbooks, changes: { description: 'together' } })
  expect(new Set(truth('playbook').map((playbook) => playbook['updated_at'])).size).toBe(1)
})

it('a list of a small collection moves while it is paged', async () => {
  const pages = async () => {
    const ids: string[] = []
    for (let skip = 0; skip < 20; skip += 2) {
      ids.push(...rowsOf(await call('GET', `/email_template/?_limit=2&_skip=${skip}`)).map(idOf))
    }
    return ids
  }
  expect(await pages()).toHaveLength(4)
  sandbox.control.onListPage({
    path: '/api/v1/email_template/',
    afterPages: 1,
    do: [{ action: 'insert', type: 'email_template', record: { name: 'In front' } }],
  })
  const ids = await pages()
  expect([ids.length, new Set(ids).size]).toEqual([5, 4])
})

describe('time', () => {
  it('an event is read only after its lag', async () => {
    sandbox.control.setEventLag(40_000)
    const id = idOf(sandbox.control.insert({ type: 'lead', record: { name: 'Late' } }))
    expect(await events()).toEqual([])
    sandbox.control.advanceClock(39_000)
    expect(await events()).toEqual([])
    sandbox.control.advanceClock(2_000)
    expect((await events()).map((event) => event['object_id'])).toEqual([id])
  })

  it('a record comes late into searches while a younger one is there', async () => {
    const older = idOf(sandbox.control.insert({ type: 'lead', record: { name: 'Older' } }))
    sandbox.control.advanceClock(1_000)
    const younger = idOf(sandbox.control.insert({ type: 'lead', record: { name: 'Younger' } }))
    sandbox.control.keepFromSearch({ type: 'lead', id: older, milliseconds: 30_000 })
    const found = async () =>
      (await searchAll({ query: { type: 'object_type', object_type: 'lead' } })).map(idOf)
    expect((await found()).slice(0, 2)).not.toContain(older)
    expect(await found()).toContain(younger)
    sandbox.control.advanceClock(30_000)
    expect((await found()).slice(0, 2)).toEqual([younger, older])
  })

  it('a clock that is set back gives older dates, and a log that is still in their order', async () => {
    const first = sandbox.control.insert({ type: 'lead', record: {} })
    sandbox.control.advanceClock(-3_600_000)
    const second = sandbox.control.insert({ type: 'lead', record: {} })
    expect(String(second['date_updated']) < String(first['date_updated'])).toBe(true)
    expect((await events()).map((event) => event['object_id'])).toEqual([first['id'], second['id']])
    sandbox.control.advanceClock(7_200_000)
    const third = sandbox.control.insert({ type: 'lead', record: {} })
    expect((await events()).map((event) => event['object_id'])).toEqual([
      third['id'],
      first['id'],
      second['id'],
    ])
    sandbox.control.advanceClock(30 * 86_400_000 - 5_400_000)
    expect((await events()).map((event) => event['object_id'])).toEqual([third['id'], first['id']])
  })

  it('dates are written as documented, or all in one way', async () => {
    const dates = async () => {
      const [lead] = rowsOf(await call('GET', '/lead/?_limit=1&_fields=date_created'))
      const [pipeline] = rowsOf(await call('GET', '/pipeline/'))
      const [sequence] = rowsOf(await call('GET', '/sequence/'))
      return [lead, pipeline, sequence].map((record) => String(record?.['date_created']))
    }
    const documented = await dates()
    expect(documented.map((date) => date.slice(26))).toEqual(['+00:00', '', ''])
    for (const [spelling, ending] of [
      ['offset', '+00:00'],
      ['naive', ''],
      ['zulu', 'Z'],
      ['documented', null],
    ] as const) {
      sandbox.control.setTimestamps(spelling)
      const expected = ending === null ? documented : documented.map((date) => date.slice(0, 26) + ending)
      expect(await dates()).toEqual(expected)
    }
  })
})

it('all of it is ordered over HTTP too', async () => {
  const order = (command: string, body: JsonObject | JsonObject[]) =>
    send(`${sandbox.apiUrl}/__control/${command}`, 'POST', body)
  const [source, destination, third] = truth('lead').map(idOf)
  const commands: [string, JsonObject | JsonObject[]][] = [
    ['event-lag', { milliseconds: 1_000 }],
    ['timestamps', { spelling: 'naive' }],
    ['refuse', { path: '/api/v1/form/', status: 402 }],
    ['merge', { source: source ?? '', destination: destination ?? '' }],
    ['mutate', [{ action: 'merge', source: third ?? '', destination: destination ?? '', keepDates: true }]],
    ['mutate', { action: 'insert', type: 'form', record: { name: 'Over HTTP' } }],
  ]
  for (const [command, body] of commands) expect((await order(command, body)).status, command).toBe(200)
  expect((await call('GET', '/form/')).status).toBe(402)
  expect((await send(`${sandbox.apiUrl}/__control/refuse`, 'DELETE')).status).toBe(200)
  expect(rowsOf(await call('GET', '/form/')).map(({ name }) => name)).toContain('Over HTTP')
  expect(await events()).toEqual([])
  const left = new Set(truth('lead').map(idOf))
  expect([source, destination, third].map((id) => left.has(id ?? ''))).toEqual([false, true, false])
  expect((await order('timestamps', { spelling: 'roman' })).status).toBe(400)
})

it.each(['lead', 'contact', 'note', 'activity', 'custom_object', 'lead_status'])(
  'counts each %s that there is',
  (type) => {
    const before = truth(type).length
    expect(before).toBeGreaterThan(0)
    expect(sandbox.control.count(organizationId, type)).toBe(before)
    sandbox.control.remove({ type, id: String(truth(type)[0]?.['id']) })
    expect(sandbox.control.count(organizationId, type)).toBe(truth(type).length)
    expect(truth(type).length).toBeLessThan(before)
  },
)

async function searchAll(body: JsonObject): Promise<JsonObject[]> {
  const found: JsonObject[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await call('POST', '/data/search/', cursor === '' ? body : { ...body, cursor })
    found.push(...rowsOf(page))
    cursor = typeof page.body['cursor'] === 'string' ? page.body['cursor'] : null
  }
  return found
}
