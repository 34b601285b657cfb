import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { closeCredential, endOf, makeFlow } from './moving.ts'
import { startWithDatabase } from './with-database.ts'

let started: Awaited<ReturnType<typeof startWithDatabase>>
/** Roles belong to the whole server. */
const role = `latchwork_login_${randomBytes(6).toString('hex')}`
beforeAll(async () => {
  started = await startWithDatabase({ leads: 1500 })
  await started.database.query(
    `CREATE ROLE ${role} LOGIN PASSWORD 'one'; CREATE SCHEMA AUTHORIZATION ${role}`,
  )
})
afterAll(async () => {
  await started?.database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  await started?.stop()
})

it('a login that a run is refused in the middle is one of a credential that failed, and told', async () => {
  const { client, database, running, sandbox } = started
  const { values } = await client.credentials.get({ params: { id: started.credentialId } })
  const { id } = await client.credentials.create({
    body: {
      connector: 'postgres',
      method: 'password',
      name: 'Warehouse',
      values: { ...values, user: role, password: 'one' },
    },
  })
  const flowId = await makeFlow(
    client,
    {
      connector: 'close',
      credentialId: await closeCredential(client, sandbox),
      config: { object: 'leads' },
    },
    { connector: 'postgres', credentialId: id, config: { schema: role, table: 'leads' } },
  )
  sandbox.control.setLatency(100)
  const run = await client.flows.run({ params: { id: flowId } })
  await expect
    .poll(async () => (await client.runs.get({ params: { id: run.id } })).recordsWritten, { timeout: 20_000 })
    .toBeGreaterThan(0)
  await database.query(`ALTER ROLE ${role} NOLOGIN`)
  await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`)
  expect(await endOf(client, run.id)).toMatchObject({ status: 'failed', error: { code: 'login_rejected' } })
  expect(await client.credentials.get({ params: { id } })).toMatchObject({
    status: 'failed',
    reason: { code: 'login_rejected' },
  })
  await running.app.tick(new AbortController().signal)
  expect((await client.alerts.list({ query: {} })).items).toContainEqual(
    expect.objectContaining({ kind: 'failed', credentialId: id, code: 'login_rejected' }),
  )
  await database.query(`ALTER ROLE ${role} LOGIN`)
  expect(await client.credentials.check({ params: { id } })).toMatchObject({ status: 'verified' })
}, 60_000)
