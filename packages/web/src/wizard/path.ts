import type { ConnectorDefinition } from '@latchwork/contract'
import { scheduleFault } from '../flows/words.ts'
import { faultsOf } from '../sides/config.ts'
import type { SideKind } from '../sides/queries.ts'
import { choiceFault } from '../streams/choices.ts'
import { choosesStreams, type Draft, type SideDraft } from './draft.ts'

export type Step = 'select' | 'authenticate' | 'configure'
export const steps: readonly Step[] = ['select', 'authenticate', 'configure']

/** A place on the way through the wizard. `flow` is the last one: name, schedule, create. */
export type Place =
  | { readonly part: SideKind; readonly step: Step }
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
    const side = draft[part]
    if (side.existingId !== null) {
      const isChosen = part === 'source' && parts.includes('flow') && choosesStreams(draft, connectors)
      return isChosen
        ? [
            { part, step: 'select' },
            { part, step: 'configure' },
          ]
        : [{ part, step: 'select' }]
    }
    const needsCredential = connectorOf(side, connectors)?.methods.length !== 0
    return steps.filter((step) => step !== 'authenticate' || needsCredential).map((step) => ({ part, step }))
  })
}

export function connectorOf(
  side: SideDraft,
  connectors: readonly ConnectorDefinition[],
): ConnectorDefinition | undefined {
  return connectors.find((connector) => connector.id === side.connector)
}

/** What is missing before a place can be left forwards, as a sentence; null if nothing is. */
export function missingAt(
  place: Place,
  side: SideDraft,
  connector: ConnectorDefinition | undefined,
): string | null {
  if (place.part === 'flow') return null
  if (place.step === 'select') return side.connector === null ? 'Choose one to go on.' : null
  if (place.step === 'authenticate')
    return side.credentialId === null ? 'Choose a credential to go on.' : null
  const fields = connector?.[place.part]?.fields ?? []
  const faults = faultsOf(fields, side.config)
  const first = fields.find((field) => faults[field.name] !== undefined)
  return first === undefined ? null : (faults[first.name] ?? null)
}

/** Like `missingAt`, for a whole draft. */
export function missingIn(
  place: Place,
  draft: Draft,
  connectors: readonly ConnectorDefinition[],
): string | null {
  if (place.part === 'flow') return scheduleFault(draft.schedule)
  const side = draft[place.part]
  const missing = missingAt(place, side, connectorOf(side, connectors))
  const isChoice = place.part === 'source' && place.step === 'configure' && choosesStreams(draft, connectors)
  return missing ?? (isChoice ? choiceFault(draft.streams) : null)
}

/** Whether a place asks only what the draft says already. */
export function isChosen(place: Place, draft: Draft): boolean {
  return place.part !== 'flow' && place.step === 'select' && draft[place.part].connector !== null
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
