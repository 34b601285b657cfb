import type { ConnectorDefinition, Problem } from '@latchwork/contract'
import { useLocation, useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useState } from 'react'
import { type StartingPoint, startingPoints } from '../flows/starting-points.ts'
import type { SideKind } from '../sides/queries.ts'
import { type Draft, draftFrom, isDirty, parseDraft, type SideDraft, withoutSecrets } from './draft.ts'
import { isChosen, missingIn, type Place, placesOf, reachable, samePlace } from './path.ts'
import { useSuggestions } from './suggestions.ts'

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
  connectors: readonly ConnectorDefinition[],
) {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const point = startingPoints.find(({ id }) => id === search['start'])
  const { draft: typed, setDraft, forget } = useDraft(storageKey, connectors, point)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const navigate = useNavigate()

  const draft = useSuggestions(typed, connectors)
  const places = placesOf(draft, parts, connectors)
  // A starting point has made the first choices: one begins where something is missing.
  const isBegun = point !== undefined
  const asked = places.find((place) => place.part === search['part'] && place.step === search['step'])
  const wanted = isBegun ? places.at(-1) : (asked ?? places[0])
  const place: Place = reachable(wanted ?? { part: 'source', step: 'select' }, places, draft, connectors)
  const index = places.findIndex((candidate) => samePlace(candidate, place))

  const { part, step } = place
  useEffect(() => {
    if (isBegun) void navigate({ to: '.', search: { part, step }, replace: true, state: true })
  }, [isBegun, part, step, navigate])

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
  const changeFlow = (change: Partial<Pick<Draft, 'name' | 'description' | 'schedule' | 'streams'>>) => {
    setRefusal(null)
    setDraft((current) => ({ ...current, ...change }))
  }
  /** Goes on from here in the draft as it will be once `next` holds: not to a choice that is made already. */
  const goAfter = (next: Draft) => {
    const nextPlaces = placesOf(next, parts, connectors)
    const at = nextPlaces.findIndex((candidate) => samePlace(candidate, place))
    const target = nextPlaces.find((candidate, index) => index > at && !isChosen(candidate, next))
    if (target !== undefined) go(target)
  }
  const previous = places[index - 1]
  const back = () => {
    if (previous !== undefined) go(previous)
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
    previous,
    missing: missingIn(place, draft, connectors),
    refusal: refusal?.part === place.part ? refusal.problem : null,
    go,
    back,
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
function useDraft(
  storageKey: string,
  connectors: readonly ConnectorDefinition[],
  point: StartingPoint | undefined,
) {
  const [draft, setDraft] = useState<Draft>(() =>
    point === undefined ? parseDraft(sessionStorage.getItem(storageKey)) : draftFrom(point, connectors),
  )
  useEffect(() => {
    if (isDirty(draft)) sessionStorage.setItem(storageKey, JSON.stringify(withoutSecrets(draft, connectors)))
    else sessionStorage.removeItem(storageKey)
  }, [draft, storageKey, connectors])
  /** The next wizard starts empty. This one shows what it has until it is gone. */
  const forget = useCallback(() => sessionStorage.removeItem(storageKey), [storageKey])
  return { draft, setDraft, forget }
}

export type WizardState = ReturnType<typeof useWizard>
