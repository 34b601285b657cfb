import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, newId, type Run } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { expect } from 'vitest'
import type { Browser } from '../browser.ts'

/** A Close credential by the sandbox's first API key. */
export async function closeCredential(client: Client, sandbox: Sandbox, name = 'Close'): Promise<string> {
  const credential = await client.credentials.create({
    body: { connector: 'close', method: 'api_key', name, values: { apiKey: sandbox.apiKeys[0]?.key ?? '' } },
  })
  return credential.id
}

interface End {
  readonly connector: string
  readonly credentialId: string | null
  readonly config: Record<string, string>
}

/** A flow between two ends made for it. */
export async function makeFlow(client: Client, source: End, destination: End): Promise<string> {
  const name = newId('flow') // one that no other test took
  const from = await client.sources.create({ body: { name, ...source } })
  const to = await client.destinations.create({ body: { name, ...destination } })
  const flow = await client.flows.create({ body: { name, sourceId: from.id, destinationId: to.id } })
  return flow.id
}

/** A run that takes long is asked for less often. */
const [firstPauseMs, longestPauseMs] = [50, 500]

/** Waits until a run has ended. */
export async function endOf(client: Client, runId: string, withinMs = 60_000): Promise<Run> {
  const untilMs = Date.now() + withinMs
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    // Where a server starts again, nobody may answer for a moment.
    const run = await client.runs.get({ params: { id: runId } }).catch(() => null)
    if (run !== null && run.finishedAt !== null) return run
    if (Date.now() > untilMs) throw new Error(`the run has not ended: ${run?.status ?? 'nobody answers'}`)
    await sleep(pauseMs)
  }
}

/** Runs a flow to its end. */
export async function runFlow(client: Client, flowId: string): Promise<Run> {
  const run = await client.flows.run({ params: { id: flowId } })
  return endOf(client, run.id)
}

/** The bytes of a data file as text. */
export async function fileText(browser: Browser, url: string, name: string): Promise<string> {
  const answer = await browser.fetch(`${url}/api/files/${encodeURIComponent(name)}`)
  expect(answer.status).toBe(200)
  return answer.body
}

export const parseLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

export const idsOf = (records: readonly Record<string, unknown>[]): string[] =>
  records.map((record) => String(record['id'])).sort()
