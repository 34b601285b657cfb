import { useEffect, useSyncExternalStore } from 'react'

let current = ''
const listeners = new Set<() => void>()

function set(title: string) {
  current = title
  for (const listener of listeners) listener()
}

/** Names the screen: in the browser's tab, and in the breadcrumb. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Latchwork`
    set(title)
  }, [title])
}

/** The name of the screen that is shown. */
export function useCurrentTitle(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}
