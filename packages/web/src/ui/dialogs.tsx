import {
  // biome-ignore lint/style/noRestrictedImports: the kit's own dialogs are made of them
  Drawer,
  type DrawerProps,
  // biome-ignore lint/style/noRestrictedImports: as above
  Modal,
  type ModalProps,
} from '@mantine/core'
import { createContext, type ReactNode, useContext, useEffect, useId, useSyncExternalStore } from 'react'

/* Dialogs and side panels stand on one stack: Escape reaches the top one only. */

interface Opened {
  readonly id: string
  /** How many dialogs this one is inside of. */
  readonly depth: number
}

let stack: readonly Opened[] = []
const listeners = new Set<() => void>()
const change = (next: readonly Opened[]): void => {
  stack = next
  for (const listener of listeners) listener()
}
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const DepthContext = createContext(0)

/** The last one opened is on top. Of two that open at once, the inner one is. */
function useOnTop(opened: boolean): boolean {
  const id = useId()
  const depth = useContext(DepthContext)
  useEffect(() => {
    if (!opened) return
    const above = stack.findIndex((other) => other.depth > depth)
    change(above === -1 ? [...stack, { id, depth }] : stack.toSpliced(above, 0, { id, depth }))
    return () => change(stack.filter((other) => other.id !== id))
  }, [id, depth, opened])
  return useSyncExternalStore(subscribe, () => stack.at(-1)?.id === id)
}

/** A dialog in the middle of the screen. */
export function Dialog({ children, ...props }: ModalProps) {
  const onTop = useOnTop(props.opened)
  return (
    <Modal {...props} closeOnEscape={onTop && props.closeOnEscape !== false}>
      <Inside>{children}</Inside>
    </Modal>
  )
}

/** A panel at the side of the screen. */
export function SidePanel({ children, ...props }: DrawerProps) {
  const onTop = useOnTop(props.opened)
  return (
    <Drawer {...props} closeOnEscape={onTop && props.closeOnEscape !== false}>
      <Inside>{children}</Inside>
    </Drawer>
  )
}

function Inside({ children }: { children: ReactNode }) {
  return <DepthContext value={useContext(DepthContext) + 1}>{children}</DepthContext>
}
