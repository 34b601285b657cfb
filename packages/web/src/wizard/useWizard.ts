import type { ConnectorDefinition, Problem } from '@latchwork/contract'
import { useLocation, useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useState } from 'react'
import type { SideKind } from '../sides/queries.ts'
import { type Draft, isDirty, parseDraft, type SideDraft, withoutSecrets } from './draft.ts'
import { missingIn, type Place, placesOf, reachable, samePlace } from './path.ts'

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** How many steps of a wizard lie behind this one. */
    wizardSteps?: number
  }
}

/** A refusal of the server, and the part of the wizard where it can be put right. */
export interface Refusal {
  readonly part: Place['part']
  readonly problem: Problem
}

/** The wizard's state: the draft, the place shown (it stands in the address), and the ways on and back. */
export function useWizard(
  parts: readonly Place['part'][],
  storageKey: string,
  connectors: readonly ConnectorDefinition[] | undefined,
) {
  const { draft, setDraft, forget } = useDraft(storageKey, connectors)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const navigate = useNavigate()
  const search: Record<string, unknown> = useSearch({ strict: false })

  const known = connectors ?? []
  const places = placesOf(draft, parts, known)
  const wanted =
    places.find((place) => place.part === search['part'] && place.step === search['step']) ?? places[0]
  const place: Place = reachable(wanted ?? { part: 'source', step: 'select' }, places, draft, known)
  const index = places.findIndex((candidate) => samePlace(candidate, place))

  const { wizardSteps = 0 } = useLocation({ select: ({ state }) => state })
  const go = (target: Place) => {
    const search = { part: target.part, step: target.step }
    void navigate({ to: '.', search, state: (now) => ({ ...now, wizardSteps: wizardSteps + 1 }) })
  }
  /** Once everything is saved, Back leads to where the wizard was opened from, not into a step of it. */
  const goToStart = (): Promise<void> =>
    wizardSteps === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          window.addEventListener('popstate', () => resolve(), { once: true })
          window.history.go(-wizardSteps)
        })
  const sideChanger = (kind: SideKind) => (change: (side: SideDraft) => SideDraft) => {
    setRefusal(null)
    setDraft((current) => ({ ...current, [kind]: change(current[kind]) }))
  }
  const changeFlow = (change: Partial<Pick<Draft, 'name' | 'description' | 'scheduleMinutes'>>) => {
    setRefusal(null)
    setDraft((current) => ({ ...current, ...change }))
  }
  /** Goes to the place after this one in the draft as it will be once `next` holds. */
  const goAfter = (next: Draft) => {
    const nextPlaces = placesOf(next, parts, known)
    const at = nextPlaces.findIndex((candidate) => samePlace(candidate, place))
    const target = nextPlaces[at + 1]
    if (target !== undefined) go(target)
  }
  const refuse = (part: Place['part'], problem: Problem) => {
    setRefusal({ part, problem })
    const target = places.findLast((candidate) => candidate.part === part)
    if (target !== undefined) go(target)
  }

  return {
    draft,
    place,
    places,
    isLast: index === places.length - 1,
    previous: places[index - 1],
    missing: missingIn(place, draft, known),
    refusal: refusal?.part === place.part ? refusal.problem : null,
    go,
    goAfter,
    goToStart,
    sideChanger,
    changeFlow,
    refuse,
    forget,
  }
}

/**
 * The wizard's draft. It stays in this tab's session storage, secret fields left out, so that it survives a reload and
 * the way to Close's authorization page and back.
 */
function useDraft(storageKey: string, connectors: readonly ConnectorDefinition[] | undefined) {
  const [draft, setDraft] = useState<Draft>(() => parseDraft(sessionStorage.getItem(storageKey)))
  useEffect(() => {
    if (connectors === undefined) return
    if (isDirty(draft)) sessionStorage.setItem(storageKey, JSON.stringify(withoutSecrets(draft, connectors)))
    else sessionStorage.removeItem(storageKey)
  }, [draft, storageKey, connectors])
  /** The next wizard starts empty. This one shows what it has until it is gone. */
  const forget = useCallback(() => sessionStorage.removeItem(storageKey), [storageKey])
  return { draft, setDraft, forget }
}

export type WizardState = ReturnType<typeof useWizard>
