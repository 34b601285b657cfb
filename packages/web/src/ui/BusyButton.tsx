import { Button, type ButtonProps } from '@mantine/core'
import type { ComponentPropsWithRef, MouseEvent } from 'react'

type BusyButtonProps = ButtonProps &
  Omit<ComponentPropsWithRef<'button'>, keyof ButtonProps> & {
    /** What the button started is under way: it takes no further press. */
    busy: boolean
  }

/**
 * A button that shows that it works. Mantine's `loading` alone disables it, and a disabled button loses the focus: a
 * person at the keyboard would be sent back to the top of the page.
 */
export function BusyButton({ busy, disabled = false, onClick, ...button }: BusyButtonProps) {
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    // Also keeps a form from being sent twice.
    if (busy) event.preventDefault()
    else onClick?.(event)
  }
  return (
    <Button
      {...button}
      loading={busy}
      renderRoot={(root) => (
        <button
          type="button"
          {...root}
          disabled={disabled && !busy}
          aria-disabled={busy || root['aria-disabled']}
          aria-busy={busy}
          onClick={press}
        />
      )}
    />
  )
}
