import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { BusyButton } from './BusyButton.tsx'
import classes from './lists.module.css'

interface ListProps {
  /** What the list shows, for screen readers. */
  label?: string | undefined
  children: ReactNode
}

/** A list as a card of its own, a line between its entries. */
export function FramedList({ label, children }: ListProps) {
  return (
    <ul className={classes['framed']} aria-label={label}>
      {children}
    </ul>
  )
}

/** The classes of a row that leads somewhere: the shared ones, and one that gives it its columns. */
export function rowClass(columns: string | undefined): string {
  return `${classes['row']} ${columns}`
}

/** A list inside a card. */
export function Rows({ label, children }: ListProps) {
  return (
    <ul className={classes['rows']} aria-label={label}>
      {children}
    </ul>
  )
}

interface RowProps {
  name: ReactNode
  /** Small, under the name. */
  detail?: ReactNode
  /** What can be done with it. */
  children?: ReactNode
}

/** An entry of `Rows`: what it is at the left, what can be done with it at the right. */
export function Row({ name, detail, children }: RowProps) {
  return (
    <li>
      <div>
        {name}
        {detail !== undefined && (
          <Text size="xs" c="dimmed">
            {detail}
          </Text>
        )}
      </div>
      {children}
    </li>
  )
}

interface RowButtonProps {
  /** The action and its object: "Revoke nightly export". */
  label: string
  busy?: boolean
  icon?: ReactNode
  children: string
  onClick(): void
}

/** Something that can be done with an entry. */
export function RowButton({ label, busy = false, icon, children, onClick }: RowButtonProps) {
  return (
    <BusyButton
      variant="default"
      size="xs"
      aria-label={label}
      busy={busy}
      leftSection={icon}
      onClick={onClick}
    >
      {children}
    </BusyButton>
  )
}
