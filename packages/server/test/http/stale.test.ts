import { startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import { closeCredential, makeFlow } from '../flows/moving.ts'
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

function shown(id: string | null): string {
  if (id === null) throw new Error('the administrator may see it')
  return id
}
