import type { Client } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { type MakePlace, makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { closeCredential, endOf, makeFlow, runFlow } from './moving.ts'

const day = 86_400_000

describe.each<[string, MakePlace]>([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('the schedule of a flow, on %s,', (_database, makePlace) => {
  let sandbox: Sandbox
  let server: Running
  let person: Browser
  let client: Client
  let credentialId: string
  let flowId: string
  beforeAll(async () => {
    const made = await startWithClose({ leads: 5, makePlace })
    ;({ sandbox, server, person } = made)
    client = person.client
    credentialId = await closeCredential(client, sandbox)
    return made.stop
  })
  beforeEach(async () => {
    const source = { connector: 'close', credentialId, config: { object: 'users' } }
    const file = { connector: 'files', credentialId: null, config: { file: 'users.jsonl' } }
    flowId = await makeFlow(client, source, file)
  })

  const update = (body: NonNullable<Parameters<Client['flows']['update']>[0]['body']>) =>
    client.flows.update({ params: { id: flowId }, body })
  const get = () => client.flows.get({ params: { id: flowId } })
  const tick = () => server.app.tick(new AbortController().signal)
  const runs = async () => (await client.runs.list({ query: { flowId } })).items
  const due = () => server.app.stores.flows.update(flowId, { nextRunAt: Date.now() - 1000 })

  it('may be a time of day in a time zone, and moves on to the next one', async () => {
    const schedule = { kind: 'cron', cron: '30 6 * * *', timeZone: 'Asia/Tokyo' } as const
    const { nextRunAt, ...flow } = await update({ schedule })
    expect(flow).toMatchObject({ schedule, scheduleMinutes: null })
    expect(nextRunAt).toMatch(/T21:30:00\.000Z$/)
    await due()
    await Promise.all([tick(), tick()])
    expect((await get()).nextRunAt).toBe(nextRunAt)
    const [run, ...others] = await runs()
    expect(others).toEqual([])
    expect(await endOf(client, run?.id ?? '')).toMatchObject({ status: 'succeeded', startedBy: null })
  })

  it('is said in the old words, too, but not in both', async () => {
    expect(await update({ scheduleMinutes: 15 })).toMatchObject({
      schedule: { kind: 'every', minutes: 15 },
      scheduleMinutes: 15,
    })
    expect(
      await problem(update({ schedule: { kind: 'every', minutes: 30 }, scheduleMinutes: 15 })),
    ).toMatchObject({ code: 'invalid_input', errors: [{ field: 'schedule' }] })
    expect(
      await problem(update({ schedule: { kind: 'cron', cron: '* * * * *', timeZone: 'UTC' } })),
    ).toMatchObject({
      errors: [{ field: 'schedule.cron', message: 'Cron must leave 5 minutes between two runs.' }],
    })
    const was = { scheduleMinutes: null }
    expect((await problem(update({ schedule: null, was }))).code).toBe('conflict')
    expect(await update({ schedule: null })).toMatchObject({ schedule: null, nextRunAt: null })
  })

  it('stands still while somebody has paused the flow, which runs by hand and is resumed', async () => {
    await update({ schedule: { kind: 'every', minutes: 60 } })
    const paused = await update({ paused: true })
    const { user } = await client.session.get()
    expect(paused).toMatchObject({
      nextRunAt: null,
      paused: { code: 'paused_by_hand', message: expect.stringContaining(String(user?.name)) },
    })
    await tick()
    expect(await runs()).toEqual([])
    expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded' })
    expect(await update({ schedule: { kind: 'every', minutes: 30 } })).toMatchObject({ nextRunAt: null })
    expect((await get()).paused).toMatchObject({ code: 'paused_by_hand' })
    const resumed = await update({ paused: false })
    expect(resumed.paused).toBeNull()
    expect(Date.parse(resumed.nextRunAt ?? '')).toBeGreaterThan(Date.now() + 29 * 60_000)
    const { items } = await client.audit.list({ query: { action: 'flow.update', limit: 4 } })
    expect(items.map(({ after }) => after)).toContainEqual(
      expect.objectContaining({ paused: 'paused_by_hand' }),
    )
  })

  it('does not end a run under way when somebody pauses the flow', async () => {
    sandbox.control.setLatency(300)
    const { id } = await client.flows.run({ params: { id: flowId } })
    await update({ paused: true })
    expect(await endOf(client, id)).toMatchObject({ status: 'succeeded' })
    sandbox.control.setLatency(0)
  })

  it('is not silent after the clock was set back', async () => {
    await update({ schedule: { kind: 'every', minutes: 60 } })
    // As if it had been set at a time that has not come yet.
    const ahead = Date.now() + 400 * day
    await server.app.stores.database.tables
      .updateTable('flows')
      .set({ nextRunAt: ahead + 3_600_000, scheduledAt: ahead })
      .where('id', '=', flowId)
      .execute()
    await tick()
    const nextMs = Date.parse((await get()).nextRunAt ?? '')
    expect(nextMs).toBeGreaterThan(Date.now())
    expect(nextMs).toBeLessThan(Date.now() + 3_600_001)
  })
})
