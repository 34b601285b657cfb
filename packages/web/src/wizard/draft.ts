import {
  type ConnectorDefinition,
  chosenStreamsSchema,
  type FlowDraft,
  type FlowStreams,
  filledIn,
  mustChoose,
  type Schedule,
  scheduleSchema,
} from '@latchwork/contract'
import { z } from 'zod'
import type { StartingPoint } from '../flows/starting-points.ts'
import type { Side, SideKind } from '../sides/queries.ts'
import { everything } from '../streams/choices.ts'

/** One side of a flow as far as it is described. Nothing here is saved on the server before the last step. */
export interface SideDraft {
  /** A source or destination that exists already and is used as it is. */
  readonly existingId: string | null
  readonly connector: string | null
  readonly credentialId: string | null
  readonly templateId: string | null
  /** Null while nothing was typed: the suggested name counts. */
  readonly name: string | null
  readonly config: Readonly<Record<string, string>>
}

export interface Draft {
  readonly source: SideDraft
  readonly destination: SideDraft
  /** What is read of a source whose form leaves that to the flow. */
  readonly streams: FlowStreams
  readonly name: string | null
  readonly description: string
  /** Null: manual. */
  readonly schedule: Schedule | null
  /** Of the flow's own; null: as the destination says. */
  readonly schema: string | null
}

const emptySide: SideDraft = {
  existingId: null,
  connector: null,
  credentialId: null,
  templateId: null,
  name: null,
  config: {},
}

export const emptyDraft: Draft = {
  source: emptySide,
  destination: emptySide,
  streams: everything,
  name: null,
  description: '',
  schedule: null,
  schema: null,
}

/** Whether leaving would lose anything that a person chose or typed. */
export function isDirty(draft: Draft): boolean {
  return (
    draft.source.connector !== null ||
    draft.destination.connector !== null ||
    hasExisting(draft) ||
    draft.name !== null
  )
}

function hasExisting(draft: Draft): boolean {
  return draft.source.existingId !== null || draft.destination.existingId !== null
}

/** The side replaced by one that exists. */
export function withExisting({
  id,
  connector,
  config,
}: Pick<Side, 'id' | 'connector' | 'config'>): SideDraft {
  return { ...emptySide, existingId: id, connector, config }
}

/** Whether the flow says what is read of its source. */
export function choosesStreams({ source }: Draft, connectors: readonly ConnectorDefinition[]): boolean {
  const connector = connectors.find(({ id }) => id === source.connector)
  return connector !== undefined && mustChoose(connector, source.config)
}

/** Whether the flow may have a schema of its own. One that was typed for another destination is no choice any more. */
export function takesSchema({ destination }: Draft, connectors: readonly ConnectorDefinition[]): boolean {
  return connectors.find(({ id }) => id === destination.connector)?.destination?.schemaField !== undefined
}

/** What the server is asked about before anything is saved. */
export function toSave(draft: Draft, connectors: readonly ConnectorDefinition[]): FlowDraft {
  const sideOf = (kind: SideKind): FlowDraft[SideKind] => {
    const { existingId, connector, credentialId, config } = draft[kind]
    if (existingId !== null) return { id: existingId }
    const fields = connectors.find(({ id }) => id === connector)?.[kind]?.fields ?? []
    return { connector: connector ?? '', credentialId, config: filledIn(fields, config) }
  }
  const streams = choosesStreams(draft, connectors) ? draft.streams : null
  const schema = takesSchema(draft, connectors) ? draft.schema : null
  return { source: sideOf('source'), destination: sideOf('destination'), streams, schema }
}

/**
 * A side of a connector as its form is first shown: each field's own default, and what a template says.
 * @param templateId the connector's default where it is left out
 */
export function newSide(definition: ConnectorDefinition, kind: SideKind, templateId?: string): SideDraft {
  const { fields = [], templates = [], defaultTemplate } = definition[kind] ?? {}
  const byId = (wanted: string | undefined) => templates.find(({ id }) => id === wanted)
  const template = byId(templateId) ?? byId(defaultTemplate)
  const defaults = fields.flatMap((field) =>
    field.defaultValue === undefined ? [] : [[field.name, field.defaultValue] as const],
  )
  return {
    ...emptySide,
    connector: definition.id,
    templateId: template?.id ?? null,
    config: { ...Object.fromEntries(defaults), ...template?.config },
  }
}

/** The template that a form's values are of, the present one if it is; null where there is none for them. */
export function templateOf(
  { templates }: Pick<NonNullable<ConnectorDefinition[SideKind]>, 'templates'>,
  config: Readonly<Record<string, string>>,
  present: string | null,
): string | null {
  const fitting = templates.filter((template) =>
    Object.entries(template.config).every(([name, value]) => config[name] === value),
  )
  return (fitting.find(({ id }) => id === present) ?? fitting[0])?.id ?? null
}

/** A draft as a starting point begins it. Empty where a connector that it needs is not there. */
export function draftFrom(
  { source, destination }: StartingPoint,
  connectors: readonly ConnectorDefinition[],
): Draft {
  const find = (id: string) => connectors.find((connector) => connector.id === id)
  const [reader, writer] = [find(source.connector), find(destination.connector)]
  if (reader === undefined || writer === undefined) return emptyDraft
  return {
    ...emptyDraft,
    source: newSide(reader, 'source', source.template),
    destination: newSide(writer, 'destination', destination.template),
  }
}

/** The draft without the values of secret fields: those are never written to the browser's storage. */
export function withoutSecrets(draft: Draft, connectors: readonly ConnectorDefinition[]): Draft {
  const strip = (side: SideDraft, kind: SideKind): SideDraft => {
    const direction = connectors.find((connector) => connector.id === side.connector)?.[kind]
    const known = new Set(
      direction?.fields.filter((field) => field.kind !== 'secret').map((field) => field.name),
    )
    return {
      ...side,
      config: Object.fromEntries(Object.entries(side.config).filter(([name]) => known.has(name))),
    }
  }
  return {
    ...draft,
    source: strip(draft.source, 'source'),
    destination: strip(draft.destination, 'destination'),
  }
}

const sideSchema = z.object({
  existingId: z.string().nullable(),
  connector: z.string().nullable(),
  credentialId: z.string().nullable(),
  templateId: z.string().nullable(),
  name: z.string().nullable(),
  config: z.record(z.string(), z.string()),
})
const draftSchema = z.object({
  source: sideSchema,
  destination: sideSchema,
  streams: chosenStreamsSchema,
  name: z.string().nullable(),
  description: z.string(),
  /** One that was not typed to its end is lost by a reload. */
  schedule: scheduleSchema.nullable().catch(null),
  schema: z.string().nullable().catch(null),
})

/** Reads what `JSON.stringify` made of a draft. Anything else is an empty draft. */
export function parseDraft(text: string | null): Draft {
  if (text === null) return emptyDraft
  try {
    return draftSchema.parse(JSON.parse(text))
  } catch {
    return emptyDraft
  }
}
