import classes from './Bars.module.css'
import type { Tone } from './StatusBadge.tsx'

export interface Bar {
  readonly id: string
  readonly value: number
  readonly tone: Tone
  /** Shown beside the pointer. */
  readonly words: string
}

interface BarsProps {
  bars: readonly Bar[]
  /** The whole in a sentence, for who can't see it. What the bars say stands in words elsewhere, too. */
  label: string
  /** In pixels. */
  height: number
  /** Fewer bars stand at the right. */
  places: number
  onOpen?: (id: string) => void
}

/** So wide is a bar with its gap, in the units of the drawing. */
const step = 10
const gap = 2
/** No bar is so low that it can't be seen: its colour says something even of nothing. */
const lowest = 4
const top = 100

/** Bars from old to new, as wide as there is room. */
export function Bars({ bars, label, height, places, onOpen }: BarsProps) {
  const highest = Math.max(1, ...bars.map(({ value }) => value))
  const free = Math.max(0, places - bars.length)
  return (
    <svg
      role="img"
      aria-label={label}
      className={classes['bars']}
      height={height}
      viewBox={`0 0 ${(free + bars.length) * step} ${top}`}
      preserveAspectRatio="none"
    >
      {bars.map(({ id, value, tone, words }, at) => {
        const size = lowest + ((top - lowest) * value) / highest
        const left = (free + at) * step
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the table of the same bars has the links
          <g
            key={id}
            className={classes['bar']}
            data-tone={tone}
            data-opens={onOpen !== undefined}
            onClick={() => onOpen?.(id)}
          >
            <title>{words}</title>
            <rect className={classes['column']} x={left} y={0} width={step} height={top} />
            <rect x={left + gap / 2} y={top - size} width={step - gap} height={size} />
          </g>
        )
      })}
    </svg>
  )
}
