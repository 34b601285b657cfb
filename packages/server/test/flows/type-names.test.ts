import { type Client, flowStreamSchema, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import type pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { endOf } from './moving.ts'
import { startWithStreams } from './with-database.ts'

let client: Client
let database: pg.Client
let sandbox: Sandbox
let running: Awaited<ReturnType<typeof startWithStreams>>['running']
let sides = { sourceId: '', destinationId: '' }
beforeAll(async () => {
  const made = await startWithStreams({ leads: 4 })
  ;({ client, database, sandbox, running, sides } = made)
  return made.stop
})

const everything = { everything: true, deletions: 'mark', sameRecords: 'parts' } as const
const types = () => {
  const id = sandbox.organizations[0]?.id ?? ''
  return ['custom_activity_type', 'custom_object_type'].flatMap((type) =>
    sandbox.control
      .truth(id, type)
      .map((each) => ({ type, id: String(each['id']), name: String(each['name']) })),
  )
}
const typeOf = (name: string) => types().find((each) => each.name === name) ?? { type: '', id: '' }
function rename(name: string, to: string) {
  const { type, id } = typeOf(name)
  sandbox.control.edit({ type, id, changes: { name: to } })
}
async function makeFlow(streams: Parameters<Client['flows']['create']>[0]['body']['streams']) {
  const schema = `types_${newId('flow').slice(5, 15).toLowerCase()}`
  const { id } = await client.flows.create({ body: { name: newId('flow'), ...sides, schema, streams } })
  return { id, schema }
}
/** Only those whose run is looked at: the others take their time. */
async function runTypes(id: string, names: readonly string[], others: readonly string[] = []) {
  return client.flows.run({
    params: { id },
    body: { streams: [...others, ...names.map((name) => typeOf(name).id)] },
  })
}
const endsWell = async (runId: string) =>
  expect(await endOf(client, runId)).toMatchObject({ status: 'succeeded' })
/** The tables of a schema, with their comments. */
async function tables(schema: string): Promise<Record<string, string | null>> {
  const { rows } = await database.query(
    `SELECT relname AS name, obj_description(oid, 'pg_class') AS comment FROM pg_class
     WHERE relnamespace = $1::regnamespace AND relkind = 'r' ORDER BY 1`,
    [schema],
  )
  return Object.fromEntries(rows.map(({ name, comment }) => [name, comment]))
}
const count = async (table: string) =>
  (await database.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]?.n

describe('the tables of the types that an account has made', () => {
  it('are called as people call the types, with their ids in the comments, and stay so', async () => {
    const { id, schema } = await makeFlow(everything)
    const ids = new Map(types().map((type) => [type.name, type.id]))
    await endsWell((await runTypes(id, [...ids.keys()], ['leads'])).id)
    const made = await tables(schema)
    expect(made).toMatchObject({
      leads: 'Leads',
      contract: `Contract (${ids.get('Contract')})`,
      handover: `Handover (${ids.get('Handover')})`,
      site_visit: `Site Visit (${ids.get('Site Visit')})`,
      machine: `Machine (${ids.get('Machine')})`,
    })
    expect(Object.keys(made)).toHaveLength(5)
    const before = await count(`${schema}.machine`)
    expect(before).toBeGreaterThan(0)

    rename('Machine', 'Engine')
    rename('Contract', 'Machine')
    try {
      const run = await runTypes(id, ['Engine', 'Machine'])
      await endsWell(run.id)
      expect(await tables(schema)).toEqual({
        ...made,
        machine: `Engine (${ids.get('Machine')})`,
        contract: `Machine (${ids.get('Contract')})`,
      })
      expect(await count(`${schema}.machine`)).toBe(before)
    } finally {
      rename('Machine', 'Contract')
      rename('Engine', 'Machine')
    }
  })

  it('keep the ids in flows of before, and get a name where they are new', async () => {
    const { id, schema } = await makeFlow(everything)
    await endsWell((await runTypes(id, ['Handover'])).id)
    const { id: handover } = typeOf('Handover')
    const { tables: own } = running.app.stores.database
    await own.updateTable('flowColumns').set({ target: null }).where('flowId', '=', id).execute()
    await database.query(`DROP TABLE ${schema}.handover`)
    await client.flows.reset({ params: { id }, body: { streams: [handover] } })
    await endsWell((await runTypes(id, ['Handover', 'Contract'])).id)
    const names = Object.keys(await tables(schema))
    expect(names).toHaveLength(2)
    expect(names).toContain('contract')
    expect(names.find((name) => name !== 'contract')).toMatch(/^actitype_/)
  })

  it('have names of their own where a flow has chosen several, and what was named stays', async () => {
    const [machine, contract] = [typeOf('Machine').id, typeOf('Contract').id]
    const choice = (stream: string, label: string, target: string | null = null) =>
      flowStreamSchema.parse({ stream, label, target, mode: 'incremental' })
    const chosen = [
      choice('leads', 'Leads'),
      choice(machine, 'Machine', 'contract'),
      choice(contract, 'Contract'),
    ]
    const { id, schema } = await makeFlow({ everything: false, chosen })
    const flow = await client.flows.get({ params: { id } })
    expect(flow.streams).toMatchObject({
      chosen: [{ target: null }, { target: 'contract' }, { target: 'contract_2' }],
    })
    await endsWell((await client.flows.run({ params: { id } })).id)
    expect(Object.keys(await tables(schema))).toEqual(['contract', 'contract_2', 'leads'])
    const one = await makeFlow({ everything: false, chosen: [choice(contract, 'Contract')] })
    expect((await client.flows.get({ params: { id: one.id } })).streams).toMatchObject({
      chosen: [{ target: null }],
    })
  })

  it('and files, are called so', async () => {
    const { id: destinationId } = await client.destinations.create({
      body: {
        ...{ connector: 'files', credentialId: null, name: newId('destination') },
        config: { file: 'close.jsonl', format: 'jsonl' },
      },
    })
    const flow = { name: newId('flow'), ...sides, destinationId, streams: everything }
    const { id } = await client.flows.create({ body: flow })
    await endsWell((await runTypes(id, ['Machine', 'Site Visit'])).id)
    const names = (await client.files.list({})).items.map(({ name }) => name)
    expect(names.toSorted()).toEqual(['close-machine.jsonl', 'close-site_visit.jsonl'])
  })
})
