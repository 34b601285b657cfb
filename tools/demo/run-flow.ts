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

/** Fields of the same name on both sides, as the mapping of a destination says it. */
export function sameNames(...fields: string[]): string {
  return JSON.stringify(fields.map((field) => ({ from: field, to: field })))
}
