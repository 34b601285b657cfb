import type { ConnectorDefinition } from '@latchwork/contract'
import { z } from 'zod'
import type { SideKind } from '../sides/queries.ts'

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
  readonly name: string | null
  readonly description: string
  /** Null: manual. */
  readonly scheduleMinutes: number | null
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
  name: null,
  description: '',
  scheduleMinutes: null,
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

/** The side with another connector. Values of the previous connector are dropped. */
export function withConnector(side: SideDraft, connector: string): SideDraft {
  return side.connector === connector && side.existingId === null ? side : { ...emptySide, connector }
}

/** The side replaced by one that exists. */
export function withExisting(existingId: string, connector: string): SideDraft {
  return { ...emptySide, existingId, connector }
}

/** The values of the form when it is first shown: each field's own default, or its first template's. */
export function initialConfig(definition: ConnectorDefinition, kind: SideKind): Record<string, string> {
  const direction = definition[kind]
  if (direction === null) return {}
  const defaults = direction.fields.flatMap((field) =>
    field.defaultValue === undefined ? [] : [[field.name, field.defaultValue] as const],
  )
  return { ...Object.fromEntries(defaults), ...direction.templates[0]?.config }
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
  name: z.string().nullable(),
  description: z.string(),
  scheduleMinutes: z.number().nullable(),
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
