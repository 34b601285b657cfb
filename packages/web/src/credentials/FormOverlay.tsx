import { Box } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from 'react'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { Dialog } from '../ui/dialogs.tsx'
import { Notice } from '../ui/ProblemAlert.tsx'
import classes from './overlay.module.css'

/** Lets the overlay ask before it closes, and clean up. */
export type FormHandle = RefObject<{ isChanged: boolean; discard(): void }>

/** Tells the overlay how its form stands. */
export function useFormHandle(handle: FormHandle, now: FormHandle['current']): void {
  useEffect(() => {
    handle.current = now
  })
}

interface FormOverlayProps {
  title: string
  opened: boolean
  /** What is lost by closing it half done. */
  unsaved: string
  onClose(): void
  /** `narrow`: one column. `close` asks first if something was typed. */
  children(parts: { narrow: boolean; handle: FormHandle; close(): void }): ReactNode
}

/** A form with a guide beside it, over the screen: the whole of it on a phone. */
export function FormOverlay({ title, opened, unsaved, onClose, children }: FormOverlayProps) {
  const narrow = useMediaQuery('(max-width: 51.99em)', undefined, { getInitialValueInEffect: false })
  const [asking, ask] = useDisclosure(false)
  const handle = useRef<FormHandle['current']>({ isChanged: false, discard: () => undefined })
  // The question closes at the same moment. Each would give the focus back, the question to a field that is gone.
  const opener = useRef<Element | null>(null)
  useLayoutEffect(() => {
    if (opened) opener.current = document.activeElement
  }, [opened])
  const close = () => {
    if (handle.current.isChanged) ask.open()
    else onClose()
  }
  return (
    <>
      <Dialog
        opened={opened}
        onClose={close}
        closeOnClickOutside={!asking}
        returnFocus={false}
        onExitTransitionEnd={() => {
          if (opener.current instanceof HTMLElement) opener.current.focus({ preventScroll: true })
        }}
        title={title}
        closeButtonProps={{ 'aria-label': 'Close this form' }}
        size={1040}
        padding={0}
        fullScreen={narrow}
        classNames={{
          content: classes['content'] ?? '',
          header: classes['header'] ?? '',
          body: classes['body'] ?? '',
        }}
      >
        {children({ narrow, handle, close })}
      </Dialog>
      <ConfirmDialog
        opened={asking}
        title="Discard what you typed?"
        confirmLabel="Discard"
        cancelLabel="Keep editing"
        danger
        onCancel={ask.close}
        onConfirm={() => {
          ask.close()
          handle.current.discard()
          handle.current.isChanged = false
          onClose()
        }}
      >
        {unsaved}
      </ConfirmDialog>
    </>
  )
}

/** Where the draft is gone for which somebody comes back. */
export function Expired() {
  return (
    <Box mb="md">
      <Notice
        tone="warning"
        message="What you typed before going to the other page has expired. Add the credential again."
      />
    </Box>
  )
}
