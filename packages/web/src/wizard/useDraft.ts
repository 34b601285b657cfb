import type { ConnectorDefinition } from '@latchwork/contract'
import { useCallback, useEffect, useState } from 'react'
import { type Draft, isDirty, parseDraft, withoutSecrets } from './draft.ts'

/**
 * The wizard's draft. It is kept in this tab's session storage, secret fields left out, so that it survives a reload and
 * the way to Close's authorization page and back.
 */
export function useDraft(storageKey: string, connectors: readonly ConnectorDefinition[] | undefined) {
  const [draft, setDraft] = useState<Draft>(() => parseDraft(sessionStorage.getItem(storageKey)))
  useEffect(() => {
    if (connectors === undefined) return
    if (isDirty(draft)) sessionStorage.setItem(storageKey, JSON.stringify(withoutSecrets(draft, connectors)))
    else sessionStorage.removeItem(storageKey)
  }, [draft, storageKey, connectors])
  /** The next wizard starts empty. This one keeps what it shows until it is gone. */
  const forget = useCallback(() => sessionStorage.removeItem(storageKey), [storageKey])
  return { draft, setDraft, forget }
}
