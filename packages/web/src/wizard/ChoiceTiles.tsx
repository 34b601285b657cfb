import { type ReactNode, useId } from 'react'
import { TileRadio } from '../ui/TileRadio.tsx'
import classes from './ChoiceTiles.module.css'

export interface Choice {
  readonly value: string
  readonly label: string
  readonly description: string
  readonly icon: ReactNode
}

interface ChoiceTilesProps {
  label: string
  choices: readonly Choice[]
  value: string | null
  onChange(value: string): void
  /** Enter on a tile: choose it and go on. */
  onEnter?(value: string): void
  /** `wide`: fewer, larger tiles for what has a sentence to say. */
  size?: 'normal' | 'wide'
}

/** Radio buttons that look like tiles: arrow keys move, Space chooses, Enter goes on. */
export function ChoiceTiles({ label, choices, value, onChange, onEnter, size = 'normal' }: ChoiceTilesProps) {
  const group = useId()
  return (
    <div role="radiogroup" aria-label={label} className={classes['grid']} data-size={size}>
      {choices.map((choice) => (
        <TileRadio
          key={choice.value}
          group={group}
          value={choice.value}
          label={choice.label}
          describedBy={`${group}-${choice.value}`}
          checked={choice.value === value}
          className={classes['tile']}
          onChoose={() => onChange(choice.value)}
          onEnter={() => {
            onChange(choice.value)
            onEnter?.(choice.value)
          }}
        >
          <span className={classes['icon']}>{choice.icon}</span>
          <span className={classes['text']}>
            <bdi className={classes['label']}>{choice.label}</bdi>
            <span id={`${group}-${choice.value}`} className={classes['description']}>
              {choice.description}
            </span>
          </span>
        </TileRadio>
      ))}
    </div>
  )
}
