import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { peopleOf } from '../identity/table.ts'
import { newToken } from './calling.ts'
import { speak } from './mcp/speaking.ts'
import { startWithView, type WithView } from './smart-view.ts'

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('the fields that a pass can be limited to, on %s', (_database, makePlace) => {
  let made: WithView
  let seats: string
  beforeAll(async () => {
    made = await startWithView(makePlace)
    const field = { name: 'Number of seats', type: 'number' }
    seats = `custom.${(await made.close<{ id: string }>('POST', '/custom_field/lead/', field)).id}`
  })
  afterAll(() => made?.stop())
  const fieldsOf = async (object: 'lead' | 'contact' | 'custom_activity' | 'report') =>
    (await made.client.passes.fields({ query: { credential: made.credentialId, object } })).items

  it('are those that Close documents, and the account’s own by their labels', async () => {
    const ofLeads = await fieldsOf('lead')
    expect(ofLeads).toContainEqual({ name: seats, label: 'Number of seats' })
    expect(ofLeads).toContainEqual({ name: 'status_id', label: 'Status id' })
    const names = ofLeads.map(({ name }) => name)
    expect(names).not.toContain('id')
    expect((await fieldsOf('contact')).map(({ name }) => name)).not.toContain(seats)
    expect((await fieldsOf('custom_activity')).length).toBeGreaterThan(5)
    // What has no records has no fields.
    expect(await fieldsOf('report')).toEqual([])
  })

  it('#52 are told to nobody who may not use the credential', async () => {
    const stranger = (await peopleOf(made.server)).get('stranger')
    const query = { credential: made.credentialId, object: 'lead' as const }
    await expect(stranger?.client.passes.fields({ query })).rejects.toMatchObject({
      problem: { code: 'credential_not_found' },
    })
  })

  it('are named where a person confirms a write', async () => {
    const { id, token } = await newToken(made.client, made.credentialId, {
      rules: { objects: { lead: ['read', 'change'] } },
      confirmWrites: true,
    })
    const agent = await speak(made.server, token)
    const input = { object: 'lead', id: made.inside.lead, fields: { name: 'A', [seats]: 7 } }
    const told = agent.call('update_record', input)
    const writes = async () => (await made.client.passWrites.list({ params: { id } })).items
    await expect.poll(async () => (await writes()).length).toBe(1)
    const params = { id, writeId: (await writes())[0]?.id ?? '' }
    const { changes } = await made.client.passWrites.get({ params })
    expect(changes).toMatchObject([
      { field: 'name', label: null },
      { field: seats, label: 'Number of seats', before: null, after: '7' },
    ])
    await made.client.passWrites.refuse({ params })
    expect((await told).isError).toBe(true)
    await agent.end()
  })
})
