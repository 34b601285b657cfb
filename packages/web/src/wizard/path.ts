import { type ConnectorDefinition, type FieldDefinition, filledIn, readFields } from '@latchwork/contract'
import type { EndKind } from '../flows/ends/queries.ts'
import type { Draft, EndDraft } from './draft.ts'

export type Step = 'select' | 'authenticate' | 'configure'
export const steps: readonly Step[] = ['select', 'authenticate', 'configure']

/** A place on the way through the wizard. `flow` is the last one: name, schedule, create. */
export type Place =
  | { readonly part: EndKind; readonly step: Step }
  | { readonly part: 'flow'; readonly step: 'configure' }

export const samePlace = (a: Place, b: Place): boolean => a.part === b.part && a.step === b.step

/** The places to pass, in order. Authenticate is left out where the connector needs no credential. */
export function placesOf(
  draft: Draft,
  parts: readonly Place['part'][],
  connectors: readonly ConnectorDefinition[],
): Place[] {
  return parts.flatMap((part): Place[] => {
    if (part === 'flow') return [{ part, step: 'configure' }]
    const end = draft[part]
    if (end.existingId !== null) return [{ part, step: 'select' }]
    const needsCredential = connectorOf(end, connectors)?.methods.length !== 0
    return steps.filter((step) => step !== 'authenticate' || needsCredential).map((step) => ({ part, step }))
  })
}

export function connectorOf(
  end: EndDraft,
  connectors: readonly ConnectorDefinition[],
): ConnectorDefinition | undefined {
  return connectors.find((connector) => connector.id === end.connector)
}

/** What is missing before a place can be left forwards, as a sentence; null if nothing is. */
export function missingAt(
  place: Place,
  end: EndDraft,
  connector: ConnectorDefinition | undefined,
): string | null {
  if (place.part === 'flow') return null
  if (place.step === 'select') return end.connector === null ? 'Choose one to go on.' : null
  if (place.step === 'authenticate') return end.credentialId === null ? 'Choose a credential to go on.' : null
  const fields = connector?.[place.part]?.fields ?? []
  const faults = faultsOf(fields, end.config)
  const first = fields.find((field) => faults[field.name] !== undefined)
  return first === undefined ? null : (faults[first.name] ?? null)
}

/** As `missingAt`, of a whole draft. */
export function missingIn(
  place: Place,
  draft: Draft,
  connectors: readonly ConnectorDefinition[],
): string | null {
  if (place.part === 'flow') return null
  const end = draft[place.part]
  return missingAt(place, end, connectorOf(end, connectors))
}

/** Faults that the page can tell without asking the server: field name to sentence. */
export function faultsOf(
  fields: readonly FieldDefinition[],
  config: EndDraft['config'],
): Record<string, string> {
  const { faults } = readFields(fields, filledIn(fields, config))
  return Object.fromEntries(faults.map(({ field, message }) => [field, message]))
}

/** The values of the fields that are drawn: what was typed into a field that is hidden again isn't sent. */
export function configToSend(
  fields: readonly FieldDefinition[],
  config: EndDraft['config'],
): Record<string, string> {
  return filledIn(fields, config)
}

/** The furthest place that may be shown: everything before it is complete. */
export function reachable(
  wanted: Place,
  places: readonly Place[],
  draft: Draft,
  connectors: readonly ConnectorDefinition[],
): Place {
  for (const place of places) {
    if (samePlace(place, wanted) || missingIn(place, draft, connectors) !== null) return place
  }
  return places.at(-1) ?? wanted
}
