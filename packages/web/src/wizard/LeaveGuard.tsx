import { useBlocker } from '@tanstack/react-router'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'

interface LeaveGuardProps {
  /** There is something to lose. */
  isActive(): boolean
  onDiscard(): void
}

/** Asks once before a half-finished wizard is left for another page. A reload and Close's own page lose nothing. */
export function LeaveGuard({ isActive, onDiscard }: LeaveGuardProps) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && isActive(),
    enableBeforeUnload: false,
    withResolver: true,
  })
  return (
    <ConfirmDialog
      opened={blocker.status === 'blocked'}
      title="Leave without finishing?"
      confirmLabel="Discard and leave"
      cancelLabel="Stay here"
      danger
      onCancel={() => blocker.reset?.()}
      onConfirm={() => {
        onDiscard()
        blocker.proceed?.()
      }}
    >
      What you chose and typed here hasn't been saved and would be lost. Credentials that you saved stay.
    </ConfirmDialog>
  )
}
