import { type FlowStreams, LatchworkError } from '@latchwork/contract'
import { invalidInput } from '../http/input.ts'
import type { Sides } from './sides/sides.ts'

/**
 * Requires that a flow says what it reads, and that its destination can take that.
 * @throws {LatchworkError} `streams_not_chosen`, `invalid_input`
 */
export async function requireStreams(
  {
    sources,
    destinations,
  }: {
    readonly sources: Pick<Sides, 'namesStreams'>
    readonly destinations: Pick<Sides, 'takesOneStream' | 'listsRefusal'>
  },
  flow: { readonly sourceId: string; readonly destinationId: string; readonly streams: FlowStreams | null },
): Promise<void> {
  const { streams } = flow
  if (streams === null) {
    if (await sources.namesStreams(flow.sourceId)) return
    const { message } = new LatchworkError('streams_not_chosen')
    throw new LatchworkError('streams_not_chosen', {
      errors: [{ field: 'streams', rule: 'required', message }],
    })
  }
  await requireLists(destinations, flow.destinationId, streams)
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
  { destinations }: { readonly destinations: Pick<Sides, 'schemaRefusal'> },
  { destinationId, schema }: { readonly destinationId: string; readonly schema: string | null },
): Promise<void> {
  const message = schema === null ? null : await destinations.schemaRefusal(destinationId, schema)
  if (message !== null) throw invalidInput([{ field: 'schema', rule: 'schema', message }])
}

async function requireLists(
  destinations: Pick<Sides, 'listsRefusal'>,
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
  const message = fields.length === 0 ? null : await destinations.listsRefusal(destinationId)
  if (message !== null) throw invalidInput(fields.map((field) => ({ field, rule: 'lists', message })))
}
