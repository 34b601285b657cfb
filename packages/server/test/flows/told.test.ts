import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, newId } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SmtpSink, startSmtpSink } from '../alerts/smtp-sink.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { startWithClose, type WithClose } from '../with-close.ts'
import { closeCredential, endOf, makeFlow, runFlow } from './moving.ts'

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('what is told of a flow, on %s', (_name, makePlace) => {
  let started: WithClose
  let smtp: SmtpSink
  let client: Client
  let credentialId = ''
  beforeAll(async () => {
    smtp = await startSmtpSink()
    const email = { smtpUrl: new Secret(smtp.url), from: 'latchwork@hollowoak.example', to: null }
    started = await startWithClose({
      leads: 3,
      makePlace,
      closeListLagMs: 300,
      settings: { alerts: { email, webhook: null } },
    })
    client = started.person.client
    credentialId = await closeCredential(client, started.sandbox)
  })
  afterAll(async () => {
    await started?.stop()
    await smtp?.close()
  })

  const tick = () => started.server.app.tick(new AbortController().signal)
  const told = async (flowId: string) =>
    (await client.alerts.list({ query: {} })).items
      .filter((alert) => alert.flowId === flowId)
      .map(({ kind }) => kind)
      .reverse()
  /** A flow of leads from a file, whose lines can be changed. */
  const flowOf = async () => {
    const file = `${newId('file')}.csv`
    const write = (lines: readonly string[]) =>
      writeFileSync(join(started.server.dataDir, 'files', file), ['name,status', ...lines].join('\n'))
    write(['First,'])
    const mapping = JSON.stringify([
      { from: 'name', to: 'name' },
      { from: 'status', to: 'status_id' },
    ])
    const flowId = await makeFlow(
      client,
      { connector: 'files', credentialId: null, config: { file, format: 'csv' } },
      { connector: 'close', credentialId, config: { object: 'leads', mode: 'create', mapping } },
    )
    return { flowId, write }
  }
  const again = async (flowId: string) => {
    const run = await client.flows.run({ params: { id: flowId }, body: { again: true } })
    return (await endOf(client, run.id)).status
  }

  it('a row of failures once, a part once, and that it works again', async () => {
    const { flowId, write } = await flowOf()
    expect((await runFlow(client, flowId)).status).toBe('succeeded')
    expect(await told(flowId)).toEqual([])
    write(['All,stat_missing0001'])
    expect([await again(flowId), await again(flowId)]).toEqual(['failed', 'failed'])
    expect(await told(flowId)).toEqual(['flow_failed'])
    write(['Half,', 'Other,stat_missing0001'])
    expect([await again(flowId), await again(flowId)]).toEqual(['partial', 'partial'])
    expect(await told(flowId)).toEqual(['flow_failed', 'flow_partial'])
    write(['Good,'])
    expect([await again(flowId), await again(flowId)]).toEqual(['succeeded', 'succeeded'])
    expect(await told(flowId)).toEqual(['flow_failed', 'flow_partial', 'flow_recovered'])
    const { items } = await client.alerts.list({ query: {} })
    const { name } = await client.flows.get({ params: { id: flowId } })
    expect(items.find(({ kind }) => kind === 'flow_partial')).toMatchObject({
      title: `“${name}” wrote only a part`,
      message: expect.stringContaining('2 records read, 1 written, 1 refused.'),
    })
    await tick()
    await expect.poll(() => smtp.messages.length, { timeout: 10_000 }).toBe(3)
    expect(
      smtp.messages.every(({ text }) => text.replaceAll(/=\r?\n/g, '').includes(`/flows/${flowId}`)),
    ).toBe(true)
  })

  it('that it is late: not begun, or not ended, by its next time', async () => {
    const { flowId } = await flowOf()
    const schedule = { scheduleMinutes: 5, again: true }
    await client.flows.update({ params: { id: flowId }, body: schedule })
    const { flows } = started.server.app.stores
    const dueAgo = (minutes: number) => flows.update(flowId, { nextRunAt: Date.now() - minutes * 60_000 })
    await dueAgo(4)
    await tick()
    expect(await told(flowId)).toEqual([])
    const [run] = (await client.runs.list({ query: { flowId } })).items
    expect(await endOf(client, run?.id ?? '')).toMatchObject({ status: 'succeeded' })
    await dueAgo(6)
    await tick()
    expect(await told(flowId)).toContain('flow_late')
    const [late] = (await client.runs.list({ query: { flowId } })).items
    await endOf(client, late?.id ?? '')
    expect(await told(flowId)).toEqual(['flow_late', 'flow_recovered'])
    expect((await client.flows.get({ params: { id: flowId } })).attention).toBeNull()

    started.sandbox.control.setLatency(3000)
    const slow = await client.flows.run({ params: { id: flowId }, body: { again: true } })
    await dueAgo(1)
    await tick()
    await dueAgo(1)
    await tick()
    expect(await told(flowId)).toEqual(['flow_late', 'flow_recovered', 'flow_late'])
    started.sandbox.control.setLatency(0)
    await endOf(client, slow.id)
  })

  it('only what a member wants to know, in the page and by email', async () => {
    const { flowId, write } = await flowOf()
    await client.alerts.setPreferences({ body: { muted: ['flow_failed', 'expiry'] } })
    expect(await client.alerts.preferences()).toEqual({ muted: ['flow_failed', 'expiry'] })
    write(['All,stat_missing0001'])
    await tick()
    const { unread } = await client.alerts.list({ query: {} })
    // Mails about other flows may still be on their way.
    const mails = () =>
      smtp.messages.filter(({ text }) => text.replaceAll(/=\r?\n/g, '').includes(`/flows/${flowId}`))
    expect(await again(flowId)).toBe('failed')
    expect(await told(flowId)).toEqual([])
    expect((await client.alerts.list({ query: {} })).unread).toBe(unread)
    write(['Good,'])
    expect(await again(flowId)).toBe('succeeded')
    await tick()
    await expect.poll(() => mails().length, { timeout: 10_000 }).toBe(1)
    await client.alerts.setPreferences({ body: { muted: [] } })
    expect(await told(flowId)).toEqual(['flow_failed', 'flow_recovered'])
  })
})
