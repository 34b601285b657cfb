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
  /** A click or Enter, beside `onChoose`: on to what comes next. */
  onGo(): void
}

/** A radio button that looks like a tile: arrow keys move, Space chooses; a click or Enter chooses and goes on. */
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
        onClick={(event) => {
          // Browsers make a click of arrow keys and Space too, of detail 0; the second of a double click has 2.
          if (event.detail === 1) props.onGo()
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          event.preventDefault()
          if (!props.checked) props.onChoose()
          props.onGo()
        }}
      />
      {children}
    </div>
  )
}
