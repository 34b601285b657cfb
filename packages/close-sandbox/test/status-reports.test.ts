import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Json, type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { type Call, caller, idOf, isObject, rowsOf } from './client.ts'

let sandbox: Sandbox
let call: Call
let organizationId: string
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 0, now: Date.UTC(2026, 7, 1) })
  call = caller(sandbox)
  organizationId = sandbox.organizations[0]?.id ?? ''
  const [potential, qualified, customer] = rowsOf(await call('GET', '/status/lead/')).map(idOf)
  // Three leads: one stays, one goes through three statuses, one is made in the period.
  await call('POST', '/lead/', { name: 'Stays', status_id: potential ?? '' })
  const moving = await call('POST', '/lead/', { name: 'Moves', status_id: potential ?? '' })
  sandbox.control.advanceClock(10 * 86_400_000)
  await call('PUT', `/lead/${idOf(moving.body)}/`, { status_id: qualified ?? '' })
  sandbox.control.advanceClock(86_400_000)
  await call('PUT', `/lead/${idOf(moving.body)}/`, { status_id: customer ?? '' })
  await call('POST', '/lead/', { name: 'New', status_id: qualified ?? '' })
  sandbox.control.advanceClock(10 * 86_400_000)
})
afterAll(() => sandbox.close())

const objects = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : []
const report = (query = '') => call('GET', `/report/statuses/lead/${organizationId}/${query}`)

describe('the report of lead statuses', () => {
  it('counts what was, what is, what came and what went in a period', async () => {
    const { status, body } = await report('?date_start=2026-08-05&date_end=2026-08-15')
    expect(status).toBe(200)
    const rows = new Map(objects(body['status_overview']).map((row) => [row['status_label'], row]))
    expect(rows.get('Potential')).toMatchObject({
      started: 2,
      ended: 1,
      change: -1,
      change_percent: -50,
      gained: 0,
      lost: 1,
      entered: 0,
      left: 1,
    })
    expect(rows.get('Qualified')).toMatchObject({ started: 0, ended: 1, gained: 1, entered: 2, left: 1 })
    expect(rows.get('Qualified')).toMatchObject({ change_percent: null, status_is_deleted: false })
    expect(rows.get('Customer')).toMatchObject({ started: 0, ended: 1, entered: 1, left: 0 })
    const steps = (name: string) =>
      objects(body[name]).map((row) => [row['from_status_label'], row['to_status_label'], row['count']])
    expect(steps('status_transitions').sort()).toEqual(
      [
        ['Potential', 'Qualified', 1],
        ['Qualified', 'Customer', 1],
        [null, 'Qualified', 1],
      ].sort(),
    )
    expect(steps('status_transitions_summary').sort()).toEqual(
      [
        ['Potential', 'Customer', 1],
        [null, 'Qualified', 1],
      ].sort(),
    )
  })

  it('over all time has no start', async () => {
    const { body } = await report()
    const [first] = objects(body['status_overview'])
    expect(first).toMatchObject({ status_label: 'Potential', ended: 1, entered: 2, left: 1 })
    expect(first).not.toHaveProperty('started')
  })

  it('is about what a smart view shows, where one is named', async () => {
    const [potential] = rowsOf(await call('GET', '/status/lead/')).map(idOf)
    const field = { type: 'regular_field', object_type: 'lead', field_name: 'status_id' }
    const condition = { type: 'term', values: [potential ?? ''] }
    const s_query = { query: { type: 'field_condition', field, condition } }
    const view = idOf((await call('POST', '/saved_search/', { name: 'Potential', s_query })).body)
    const { body } = await report(`?smart_view_id=${view}`)
    const ended = objects(body['status_overview']).map((row) => [row['status_label'], row['ended']])
    expect(ended.filter(([, count]) => count !== 0)).toEqual([['Potential', 1]])
    expect((await report('?smart_view_id=save_none')).status).toBe(400)
  })

  it('refuses a date that is none, and another organization', async () => {
    expect((await report('?date_start=soon')).status).toBe(400)
    expect((await call('GET', '/report/statuses/lead/orga_other/')).status).toBe(404)
    expect((await report('?query=x')).status).toBe(501)
  })
})

it('the report of opportunity statuses is for all people or for one', async () => {
  const [, , won] = rowsOf(await call('GET', '/status/opportunity/')).map(idOf)
  const made = await call('POST', '/opportunity/', { value: 100 })
  await call('POST', '/opportunity/', { value: 100, user_id: sandbox.users[1]?.id ?? '' })
  sandbox.control.advanceClock(60_000)
  await call('PUT', `/opportunity/${idOf(made.body)}/`, { status_id: won ?? '' })
  sandbox.control.advanceClock(60_000)
  const counts = async (query: string) => {
    const { body } = await call('GET', `/report/statuses/opportunity/${organizationId}/${query}`)
    const ended = objects(body['status_overview']).map((row) => [row['status_label'], row['ended']])
    return Object.fromEntries(ended.filter(([, count]) => count !== 0))
  }
  expect(await counts('')).toEqual({ Active: 1, Won: 1 })
  expect(await counts(`?user_id=${sandbox.users[1]?.id}`)).toEqual({ Active: 1 })
})
