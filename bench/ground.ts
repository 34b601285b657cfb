import { type Client, createClient, type FlowStreams, type Run } from '@latchwork/contract'
import { createBrowserless } from '../tools/demo/browserless.ts'
import { type Demo, startDemo } from '../tools/demo/parts.ts'
import type { End } from '../tools/demo/run-flow.ts'

/** Where runs are measured: the sandbox in this process, the server in its own, and somebody signed in. */
export interface Ground {
  readonly demo: Demo
  readonly client: Client
  /** The sandbox's first key, and a credential with it. */
  readonly apiKey: string
  readonly credentialId: string
  stop(): Promise<void>
}

export async function makeGround(
  leads: number,
  say: (line: string) => void,
  settings: Readonly<Record<string, string>> = {},
): Promise<Ground> {
  const demo = await startDemo({ leads, port: 0, say, settings })
  try {
    const client = createClient({ baseUrl: demo.url, fetch: createBrowserless(demo.certificateFile) })
    await client.session.signIn({ body: { email: demo.email, password: demo.password } })
    const apiKey = demo.sandbox.apiKeys[0]?.key ?? ''
    const { id } = await client.credentials.create({
      body: { connector: 'close', method: 'api_key', name: 'Bench', values: { apiKey } },
    })
    return { demo, client, apiKey, credentialId: id, stop: () => demo.stop() }
  } catch (error) {
    await demo.stop()
    throw error
  }
}

/** @param config of the source; by itself it reads leads @param streams what is read, where the source leaves that open */
export async function makeFlow(
  { client, credentialId }: Pick<Ground, 'client' | 'credentialId'>,
  name: string,
  to: End,
  config: Record<string, string> = { object: 'leads' },
  streams: FlowStreams | null = null,
): Promise<string> {
  const source = await client.sources.create({
    body: { connector: 'close', credentialId, name: `${name}: source`, config },
  })
  const destination = await client.destinations.create({ body: { ...to, name: `${name}: destination` } })
  const flow = await client.flows.create({
    body: { name, sourceId: source.id, destinationId: destination.id, ...(streams && { streams }) },
  })
  return flow.id
}

export const toFile = (file: string): End => ({
  connector: 'files',
  credentialId: null,
  config: { file, format: 'jsonl' },
})

/** Runs a flow to its end. @throws Error unless every record was written */
export async function runToEnd(client: Client, flowId: string): Promise<Run> {
  let run: Run = await client.flows.run({ params: { id: flowId } })
  while (run.finishedAt === null) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    run = await client.runs.get({ params: { id: run.id } })
  }
  if (run.status !== 'succeeded')
    throw new Error(`A run is ${run.status}, ${run.recordsWritten} written: ${run.error?.message}`)
  return run
}

/** From a run's start to its end, by the server's own times. */
export function secondsOf(run: Run): number {
  return (Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt ?? '')) / 1000
}
