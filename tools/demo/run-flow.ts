import type { Client, Run } from '@latchwork/contract'

export interface End {
  readonly connector: string
  readonly credentialId: string | null
  readonly config: Record<string, string>
}

/** Makes a source, a destination and a flow between them, and starts a run of it. */
export async function beginRun(client: Client, name: string, from: End, to: End): Promise<Run> {
  const source = await client.sources.create({ body: { ...from, name: `${name}: source` } })
  const destination = await client.destinations.create({ body: { ...to, name: `${name}: destination` } })
  const flow = await client.flows.create({
    body: { name, sourceId: source.id, destinationId: destination.id },
  })
  return client.flows.run({ params: { id: flow.id } })
}

/** Waits until a run has ended, and tells how far it is. @throws Error unless every record was written */
export async function followRun(
  client: Client,
  say: (line: string) => void,
  name: string,
  begun: Run,
): Promise<Run> {
  let run = begun
  let said = Date.now()
  while (run.finishedAt === null) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    run = await client.runs.get({ params: { id: run.id } })
    if (Date.now() - said > 1000) {
      said = Date.now()
      say(
        `${name}: ${run.recordsRead} of ${run.recordsExpected ?? '?'} read, ${run.recordsWritten} written ...`,
      )
    }
  }
  if (run.status !== 'succeeded')
    throw new Error(`${name}: ${run.status}: ${run.error?.message ?? 'no reason given'}`)
  expectEqual(`${name}: records refused`, run.recordsRefused, 0)
  say(`${name}: ${run.recordsRead} read, ${run.recordsWritten} written.`)
  return run
}

/** @throws Error that names both */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, found ${String(actual)}`)
}

/** Fields of the same name on both sides, as the mapping of a destination says it. */
export function sameNames(...fields: string[]): string {
  return JSON.stringify(fields.map((field) => ({ from: field, to: field })))
}
