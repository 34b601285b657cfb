import {
  // biome-ignore lint/style/noRestrictedImports: the kit's own dialogs are made of them
  Drawer,
  type DrawerProps,
  // biome-ignore lint/style/noRestrictedImports: as above
  Modal,
  type ModalProps,
} from '@mantine/core'
import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react'

/* Dialogs and side panels stand on one stack: Escape reaches the top one only, and one press only one of them. */

interface Opened {
  /** How many dialogs this one is inside of. */
  readonly depth: number
  escape(): void
}

const stack: Opened[] = []

/** One listener for all: a dialog that is opened by a press must not be closed by the same. */
function onKeyDown({ key, isComposing, target }: KeyboardEvent): void {
  if (key !== 'Escape' || isComposing) return
  // A list that is open in a field closes first.
  if (target instanceof Element && target.getAttribute('data-mantine-stop-propagation') === 'true') return
  stack.at(-1)?.escape()
}

const DepthContext = createContext(0)

/** The last one opened is on top. Of two that open at once, the inner one is. */
function useEscape(opened: boolean, onEscape: (() => void) | null): void {
  const depth = useContext(DepthContext)
  const latest = useRef(onEscape)
  useEffect(() => {
    latest.current = onEscape
  })
  useEffect(() => {
    if (!opened) return
    const entry = { depth, escape: () => latest.current?.() }
    const above = stack.findIndex((other) => other.depth > depth)
    stack.splice(above === -1 ? stack.length : above, 0, entry)
    window.addEventListener('keydown', onKeyDown, { capture: true })
    return () => {
      stack.splice(stack.indexOf(entry), 1)
      if (stack.length === 0) window.removeEventListener('keydown', onKeyDown, { capture: true })
    }
  }, [depth, opened])
}

/** A dialog in the middle of the screen. */
export function Dialog({ children, ...props }: ModalProps) {
  useEscape(props.opened, props.closeOnEscape === false ? null : props.onClose)
  return (
    <Modal {...props} closeOnEscape={false}>
      <Inside>{children}</Inside>
    </Modal>
  )
}

/** A panel at the side of the screen. */
export function SidePanel({ children, ...props }: DrawerProps) {
  useEscape(props.opened, props.closeOnEscape === false ? null : props.onClose)
  return (
    <Drawer {...props} closeOnEscape={false}>
      <Inside>{children}</Inside>
    </Drawer>
  )
}

function Inside({ children }: { children: ReactNode }) {
  return <DepthContext value={useContext(DepthContext) + 1}>{children}</DepthContext>
}
