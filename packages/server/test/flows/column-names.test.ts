import { type Client, type FlowStream, flowStreamSchema, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import type pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import { closeCredential, endOf, runFlow } from './moving.ts'
import { startWithDatabase } from './with-database.ts'

const fieldId = 'cf_1234567890123456789012345678901234567890123'
const field = { type: 'custom_field', id: fieldId }
const name = `custom.${fieldId}`

let client: Client
let database: pg.Client
let sandbox: Sandbox
let sides = { sourceId: '', destinationId: '' }
let schema = ''
beforeAll(async () => {
  const made = await startWithDatabase({ leads: 3 })
  ;({ client, database } = made)
  sandbox = made.sandbox
  schema = `crm_${newId('flow').slice(5, 15).toLowerCase()}`
  await database.query(`CREATE SCHEMA ${schema}`)
  sandbox.control.insert({
    type: 'custom_field',
    record: { id: fieldId, object_type: 'lead', name: 'Number of seats', type: 'number' },
  })
  for (const [at, lead] of leads().entries()) {
    sandbox.control.edit({ type: 'lead', id: String(lead['id']), changes: { [name]: at + 1 } })
  }
  const { id: sourceId } = await client.sources.create({
    body: {
      ...{ connector: 'close', name: 'Close' },
      credentialId: await closeCredential(client, sandbox),
      config: { object: 'streams' },
    },
  })
  const { id: destinationId } = await client.destinations.create({
    body: {
      ...{ connector: 'postgres', name: 'Tables', config: { schema } },
      credentialId: made.credentialId,
    },
  })
  sides = { sourceId, destinationId }
  return made.stop
})

const leads = () => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')
const chosen = (choice: Partial<FlowStream> & { stream: string }) => ({
  everything: false as const,
  chosen: [flowStreamSchema.parse(choice)],
})
async function flowOf(target: string, more: Partial<FlowStream> = {}): Promise<string> {
  const streams = chosen({ stream: 'leads', target, mode: 'incremental', ...more })
  return (await client.flows.create({ body: { name: newId('flow'), ...sides, streams } })).id
}
const numbers = async (table: string, column: string) =>
  (await database.query(`SELECT ${column}::text AS n FROM ${schema}.${table} ORDER BY 1`)).rows.map(
    ({ n }) => n,
  )
const columnIn = async (flowId: string) =>
  (await client.flows.columns({ params: { id: flowId } })).items[0]?.columns.find(
    (column) => column.name === name,
  )

describe('the columns of a flow from Close into PostgreSQL', () => {
  it('are named as people name them, and renamed only where somebody asks for it', async () => {
    const flowId = await flowOf('renamed')
    const params = { id: flowId }
    expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded', notices: [] })
    expect(await numbers('renamed', 'number_of_seats')).toEqual(['1', '2', '3'])

    sandbox.control.edit({ ...field, changes: { name: 'Seats' } })
    const run = await runFlow(client, flowId)
    expect(run.notices).toMatchObject([
      {
        code: 'schema_changed',
        column: name,
        message: '“Number of seats” is called “Seats” now. Its column is number_of_seats.',
      },
    ])
    expect(await numbers('renamed', 'number_of_seats')).toEqual(['1', '2', '3'])

    await client.flows.takeNames({ params })
    expect(await columnIn(flowId)).toMatchObject({ as: 'seats', label: 'Seats', type: 'number' })
    await runFlow(client, flowId)
    expect(await numbers('renamed', 'seats')).toEqual(['1', '2', '3'])
    await expect(numbers('renamed', 'number_of_seats')).rejects.toThrow('does not exist')
    sandbox.control.edit({ ...field, changes: { name: 'Number of seats' } })
  })

  it('are checked when the flow is saved: a column that is not there, two of one name', async () => {
    const wrong = await problem(flowOf('wrong', { columns: ['name', 'sizes'] }))
    expect(wrong).toMatchObject({
      code: 'invalid_input',
      errors: [{ field: 'streams.chosen.0.columns', message: 'leads has no column sizes. Leave it out.' }],
    })
    const twice = await problem(
      client.flows.create({
        body: {
          ...{ name: newId('flow'), ...sides },
          streams: {
            everything: false,
            chosen: [
              {
                stream: 'leads',
                columns: [
                  { name: 'id', as: 'Key' },
                  { name: 'name', as: 'key' },
                ],
              },
            ],
          },
        },
      }),
    )
    expect(twice).toMatchObject({ code: 'invalid_input' })
    expect(JSON.stringify(twice.errors)).toContain('has the name of another column in the destination')
  })

  it('are called as the flow says, with all others beside them', async () => {
    const flowId = await flowOf('given', { columns: ['*', { name, as: 'places' }] })
    await runFlow(client, flowId)
    expect(await numbers('given', 'places')).toEqual(['1', '2', '3'])
    expect(await numbers('given', 'count(display_name)')).toEqual(['3'])
    // Another name alone reads nothing again, and keeps what there is.
    const streams = chosen({
      ...{ stream: 'leads', target: 'given', mode: 'incremental' },
      columns: ['*', { name, as: 'chairs' }],
    })
    await client.flows.update({ params: { id: flowId }, body: { streams } })
    expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded' })
    expect(await numbers('given', 'chairs')).toEqual(['1', '2', '3'])
  })

  it.each([
    ['same_column', 'number_of_seats', ['1', '2', 'many']],
    ['new_column', 'number_of_seats_text', ['1', '2', 'many']],
  ] as const)('wait for a choice when their type changes, and go on with %s', async (choice, column, all) => {
    const table = `changed_${choice}`
    const flowId = await flowOf(table)
    await runFlow(client, flowId)
    sandbox.control.edit({ ...field, changes: { type: 'text' } })
    const [lead] = leads().filter((each) => each[name] === 3)
    const id = String(lead?.['id'])
    sandbox.control.edit({ type: 'lead', id, changes: { [name]: 'many' } })

    const held = await runFlow(client, flowId)
    expect(held).toMatchObject({ status: 'failed', recordsWritten: 0, error: { code: 'schema_change_held' } })
    expect(held.error?.message).toMatch(/^“Number of seats” was a number and is text now\./)
    const days = { from: '2020-01-01', to: '2030-01-01' }
    const backfill = await client.flows.backfill({
      params: { id: flowId },
      body: { stream: 'leads', ...days },
    })
    expect(await endOf(client, backfill.id)).toMatchObject({ error: { code: 'schema_change_held' } })
    expect(await columnIn(flowId)).toMatchObject({ type: 'number', changedTo: 'text' })
    const decide = () =>
      client.flows.chooseColumn({
        params: { id: flowId },
        body: { stream: 'leads', column: name, choice },
      })
    await decide()
    expect(await problem(decide())).toMatchObject({ code: 'column_unchanged' })
    expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded', recordsWritten: 3 })
    expect(await numbers(table, column)).toEqual(all)
    if (choice === 'new_column') expect(await numbers(table, 'number_of_seats')).toEqual(['1', '2', '3'])

    sandbox.control.edit({ type: 'lead', id, changes: { [name]: 3 } })
    sandbox.control.edit({ ...field, changes: { type: 'number' } })
  })
})
