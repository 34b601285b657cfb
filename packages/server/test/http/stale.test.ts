import type { AlertTopic, PassPatch } from '@latchwork/contract'
import { startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import { closeCredential, makeFlow } from '../flows/moving.ts'
import { join } from '../identity/joining.ts'
import { type Running, startRunning } from '../running.ts'

let sandbox: Awaited<ReturnType<typeof startSandbox>>
let running: Running
let boss: Browser
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 1 })
  running = await startRunning(sandbox)
  boss = await running.signedIn()
})
afterAll(async () => {
  await running?.stop()
  await sandbox?.close()
})

it('a change by somebody who saw older values is refused, and overwrites nothing', async () => {
  const { credentials, flows, sources, destinations } = boss.client
  const credentialId = await closeCredential(boss.client, sandbox)
  const flowId = await makeFlow(
    boss.client,
    { connector: 'close', credentialId, config: { object: 'leads' } },
    { connector: 'files', credentialId: null, config: { file: 'stale.jsonl', format: 'jsonl' } },
  )
  const { source, destination } = await flows.get({ params: { id: flowId } })
  const things = [
    { of: credentials, id: credentialId },
    { of: flows, id: flowId },
    { of: sources, id: shown(source.id) },
    { of: destinations, id: shown(destination.id) },
  ] as const
  for (const { of, id } of things) {
    const seen = await of.get({ params: { id } })
    const change = (description: string, name = seen.name) =>
      of.update({
        params: { id },
        body: { description, was: { description: seen.description, name } },
      })
    await change('by the first')
    await expect(change('by the second')).rejects.toMatchObject({
      code: 'conflict',
      problem: { status: 409, detail: expect.stringContaining('the description') },
    })
    expect(await of.get({ params: { id } })).toMatchObject({ description: 'by the first' })
    // A change of another field is no conflict, nor one that does not say what was seen.
    await of.update({ params: { id }, body: { name: `${seen.name} 2`, was: { name: seen.name } } })
    await of.update({ params: { id }, body: { description: 'by a program' } })
    expect(await of.get({ params: { id } })).toMatchObject({
      name: `${seen.name} 2`,
      description: 'by a program',
    })
  }
})

it('settings and schedule count, too', async () => {
  const { destinations, flows } = boss.client
  const list = await flows.list({ query: { limit: 1 } })
  const flow = list.items[0]
  if (flow === undefined) throw new Error('there is no flow')
  const id = shown(flow.destination.id)
  const schedule = (scheduleMinutes: number | null, was: number | null) =>
    flows.update({ params: { id: flow.id }, body: { scheduleMinutes, was: { scheduleMinutes: was } } })
  await schedule(60, null)
  await expect(schedule(15, null)).rejects.toMatchObject({ code: 'conflict' })
  const { config } = await destinations.get({ params: { id } })
  const change = (file: string) =>
    destinations.update({
      params: { id },
      body: { config: { ...config, file }, was: { config } },
    })
  await change('first.jsonl')
  await expect(change('second.jsonl')).rejects.toMatchObject({ code: 'conflict' })
})

it('what a flow compares, and its source and destination count, too', async () => {
  const { client } = boss
  const [flow] = (await client.flows.list({ query: { limit: 1 } })).items
  if (flow === undefined) throw new Error('there is no flow')
  const { compare, source, destination, schema } = flow
  const update = (body: NonNullable<Parameters<typeof client.flows.update>[0]['body']>) =>
    client.flows.update({ params: { id: flow.id }, body })
  await update({ compare: 'daily', was: { compare } })
  await expect(update({ compare: 'never', was: { compare } })).rejects.toMatchObject({ code: 'conflict' })

  const { connector, credentialId, config } = await client.sources.get({ params: { id: shown(source.id) } })
  const other = async (name: string) =>
    (await client.sources.create({ body: { name, connector, credentialId, config } })).id
  const was = { sourceId: shown(source.id), destinationId: shown(destination.id), schema }
  const first = await other('chosen by the first')
  await update({ sourceId: first, was })
  await expect(update({ sourceId: await other('chosen by the second'), was })).rejects.toMatchObject({
    code: 'conflict',
    problem: { detail: expect.stringContaining('the source') },
  })
  const { streams } = await client.flows.get({ params: { id: flow.id } })
  const next = await update({
    sourceId: shown(source.id),
    streams: null,
    was: { sourceId: first, streams },
  })
  expect(next.source.id).toBe(source.id)
})

it('and what a pass may do, until when and how much', async () => {
  const { passes, credentials } = boss.client
  const [credential] = (await credentials.list({})).items
  const {
    pass: { id },
  } = await passes.create({
    body: {
      ...{
        name: 'changed twice',
        credentialId: credential?.id ?? '',
        rules: { objects: { lead: ['read'] } },
      },
      ...{ expiresAt: null, neverBecause: 'it is tested' },
    },
  })
  const seen = await passes.get({ params: { id } })
  const changes = [
    { rules: { objects: { lead: ['read', 'create'] } } },
    { perSecond: 2 },
    { perDay: 100 },
    { addresses: ['10.0.0.0/8'] },
    { confirmWrites: true },
    { neverBecause: 'it was tested' },
    { expiresAt: new Date(Date.now() + 86_400_000).toISOString() },
  ] as const satisfies PassPatch[]
  for (const change of changes) {
    const [name = 'rules'] = keysOf(change)
    const body = { ...change, was: { [name]: seen[name] } }
    await passes.update({ params: { id }, body })
    await expect(passes.update({ params: { id }, body }), name).rejects.toMatchObject({ code: 'conflict' })
  }
})

it('and who may do what, what a member is called, and what they are told', async () => {
  const { client } = boss
  const { id, browser } = await join(running, boss, 'Rowan')
  const role = () =>
    client.members.update({ params: { id }, body: { role: 'admin', was: { role: 'member' } } })
  await role()
  await expect(role()).rejects.toMatchObject({ code: 'conflict' })

  const [credential] = (await client.credentials.list({})).items
  const share = (role: 'operator' | null, was: 'operator' | null) =>
    client.credentialAccess.set({
      params: { id: credential?.id ?? '' },
      body: { memberId: id, role, was: { role: was } },
    })
  await share('operator', null)
  await expect(share('operator', null)).rejects.toMatchObject({ code: 'conflict' })
  await share(null, 'operator')
  await expect(share(null, 'operator')).rejects.toMatchObject({ code: 'conflict' })

  const rename = (name: string) => browser.client.profile.rename({ body: { name, was: { name: 'Rowan' } } })
  await rename('Rowan in one browser')
  await expect(rename('Rowan in another')).rejects.toMatchObject({ code: 'conflict' })

  const mute = (muted: AlertTopic[]) =>
    browser.client.alerts.setPreferences({ body: { muted, was: { muted: [] } } })
  await mute(['flow_late'])
  await expect(mute(['expiry'])).rejects.toMatchObject({ code: 'conflict' })
})

function keysOf<Thing extends object>(thing: Thing): (keyof Thing)[] {
  return Object.keys(thing) as (keyof Thing)[]
}

function shown(id: string | null): string {
  if (id === null) throw new Error('the administrator may see it')
  return id
}
