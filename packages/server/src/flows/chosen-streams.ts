import type { Connector } from '@latchwork/connectors'
import { type FlowStreams, faultSentence, LatchworkError, listsRefusal } from '@latchwork/contract'
import { invalidInput } from '../http/input.ts'
import { inSchema, storedConfig } from './sides/form.ts'
import { connectorFor, type Sides } from './sides/sides.ts'

interface DestinationParts {
  readonly destinations: Pick<Sides, 'find'>
  readonly connectors: ReadonlyMap<string, Connector>
}

/**
 * Requires that a flow says what it reads, and that its destination can take that.
 * @throws {LatchworkError} `streams_not_chosen`, `invalid_input`
 */
export async function requireStreams(
  parts: DestinationParts & {
    readonly sources: Pick<Sides, 'namesStreams'>
    readonly destinations: Pick<Sides, 'takesOneStream'>
  },
  flow: { readonly sourceId: string; readonly destinationId: string; readonly streams: FlowStreams | null },
): Promise<void> {
  const { sources, destinations } = parts
  const { streams } = flow
  if (streams === null) {
    if (await sources.namesStreams(flow.sourceId)) return
    const { message } = new LatchworkError('streams_not_chosen')
    throw new LatchworkError('streams_not_chosen', {
      errors: [{ field: 'streams', rule: 'required', message }],
    })
  }
  await requireLists(parts, flow.destinationId, streams)
  const isOne = !streams.everything && streams.chosen.length === 1
  if (isOne || !(await destinations.takesOneStream(flow.destinationId))) return
  const message =
    'This destination takes one stream: its form says what becomes of the records. Choose one, and make a flow for each of the others.'
  throw invalidInput([{ field: 'streams', rule: 'one_stream', message }])
}

/**
 * Requires that a flow's destination takes the schema that the flow has of its own.
 * @throws {LatchworkError} `invalid_input`
 */
export async function requireSchema(
  parts: DestinationParts,
  { destinationId, schema }: { readonly destinationId: string; readonly schema: string | null },
): Promise<void> {
  const message = schema === null ? null : await schemaRefusal(parts, destinationId, schema)
  if (message !== null) throw invalidInput([{ field: 'schema', rule: 'schema', message }])
}

/** Why the tables of a flow can't have a schema of this name, as a sentence; null if they can. */
export async function schemaRefusal(
  { destinations, connectors }: DestinationParts,
  destinationId: string,
  schema: string,
): Promise<string | null> {
  const row = await destinations.find(destinationId)
  const connector = connectorFor(connectors, 'destination', row.connector)
  const { label, destination } = connector.definition
  const field = destination?.schemaField
  if (field === undefined) return `${label} has no schemas. Leave the schema of the flow out.`
  const config = inSchema(connector, storedConfig(connector, 'destination', row.config), schema)
  const fault = connector.validateDestination?.(config)[field]
  return fault === undefined ? null : faultSentence('The schema of the flow', fault)
}

async function requireLists(
  { destinations, connectors }: DestinationParts,
  destinationId: string,
  streams: FlowStreams,
): Promise<void> {
  const fields = streams.everything
    ? streams.lists === undefined
      ? []
      : ['streams.lists']
    : streams.chosen.flatMap(({ lists }, index) =>
        lists === undefined ? [] : [`streams.chosen.${index}.lists`],
      )
  if (fields.length === 0) return
  const { connector } = await destinations.find(destinationId)
  const message = listsRefusal(connectorFor(connectors, 'destination', connector).definition)
  if (message !== null) throw invalidInput(fields.map((field) => ({ field, rule: 'lists', message })))
}
