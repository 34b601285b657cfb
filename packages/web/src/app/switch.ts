/** A value that code outside of React sets and that a component follows. */
export function createSwitch() {
  let on = false
  const listeners = new Set<() => void>()
  return {
    get: (): boolean => on,
    set: (next: boolean): void => {
      on = next
      for (const listener of listeners) listener()
    },
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
