import type { ReactNode } from 'react'
import classes from './tiles.module.css'

interface TileRadioProps {
  /** The name that makes the tiles one group of radio buttons. */
  group: string
  value: string
  label: string
  /** The id of what describes it. */
  describedBy: string
  checked: boolean
  disabled?: boolean
  className: string | undefined
  children: ReactNode
  onChoose(): void
  /** Enter: chosen, and on. */
  onEnter(): void
}

/** A radio button that looks like a tile: arrow keys move, Space chooses, Enter goes on. */
export function TileRadio({ group, label, describedBy, className, children, ...props }: TileRadioProps) {
  return (
    <div className={`${classes['tile']} ${className}`} data-locked={props.disabled}>
      <input
        type="radio"
        className={classes['input']}
        name={group}
        value={props.value}
        checked={props.checked}
        disabled={props.disabled}
        aria-label={label}
        aria-describedby={describedBy}
        onChange={props.onChoose}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          event.preventDefault()
          props.onEnter()
        }}
      />
      {children}
    </div>
  )
}
