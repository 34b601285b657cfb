import { type ReactNode, useId } from 'react'
import classes from './ChoiceTiles.module.css'
import { TileRadio } from './TileRadio.tsx'

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
  /** A click or Enter on a tile, beside `onChange`. Left out where there is more to fill in. */
  onGo?(value: string): void
  /** `wide`: fewer, larger tiles for what has a sentence to say. */
  size?: 'normal' | 'wide'
}

/** Tiles to choose one from. */
export function ChoiceTiles({ label, choices, value, onChange, onGo, size = 'normal' }: ChoiceTilesProps) {
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
          onGo={() => onGo?.(choice.value)}
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
