import { ApiError, type ConnectorDefinition, type Flow, type Problem } from '@latchwork/contract'
import { api } from '../api/client.ts'
import { configToSend } from '../sides/config.ts'
import { createSide, removeSide, type Side, type SideKind } from '../sides/queries.ts'
import { choosesStreams, type Draft, takesSchema } from './draft.ts'
import { connectorOf, type Place } from './path.ts'

/** Names as they stand on the page: typed, or suggested where nothing was typed. */
export interface Names {
  readonly source: string
  readonly destination: string
  readonly flow: string
}

/** Something couldn't be created; `part` is where the person can put it right. */
export class CreateError extends Error {
  override readonly name = 'CreateError'
  readonly part: Place['part']
  readonly problem: Problem

  constructor(part: Place['part'], problem: Problem) {
    super(problem.detail)
    this.part = part
    this.problem = problem
  }
}

/** Saves one side, unless the draft uses one that exists. */
export async function saveSide(
  kind: SideKind,
  draft: Draft,
  name: string,
  connectors: readonly ConnectorDefinition[],
): Promise<{ id: string; made: boolean }> {
  const side = draft[kind]
  if (side.existingId !== null) return { id: side.existingId, made: false }
  const definition = connectorOf(side, connectors)
  const saved: Side = await at(kind, () =>
    createSide(kind, {
      connector: side.connector ?? '',
      credentialId: side.credentialId,
      name,
      config: configToSend(definition?.[kind]?.fields ?? [], side.config),
    }),
  )
  return { id: saved.id, made: true }
}

/**
 * Saves source, destination and flow. If a later one is refused, the earlier ones are deleted again.
 * @param again each run of its schedule may create the same records again
 * @throws {CreateError} with the part that was refused
 */
export async function saveFlow(
  draft: Draft,
  names: Names,
  connectors: readonly ConnectorDefinition[],
  again: boolean,
): Promise<Flow> {
  const made: { kind: SideKind; id: string }[] = []
  try {
    const source = await saveSide('source', draft, names.source, connectors)
    if (source.made) made.push({ kind: 'source', id: source.id })
    const destination = await saveSide('destination', draft, names.destination, connectors)
    if (destination.made) made.push({ kind: 'destination', id: destination.id })
    return await at('flow', () =>
      api.flows.create({
        body: {
          name: names.flow,
          description: draft.description,
          sourceId: source.id,
          destinationId: destination.id,
          streams: choosesStreams(draft, connectors) ? draft.streams : null,
          schedule: draft.schedule,
          schema: takesSchema(draft, connectors) ? draft.schema : null,
          again,
        },
      }),
    )
  } catch (error) {
    await Promise.allSettled(made.map(({ kind, id }) => removeSide(kind, id)))
    throw error
  }
}

async function at<T>(part: Place['part'], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof ApiError ? new CreateError(part, error.problem) : error
  }
}
