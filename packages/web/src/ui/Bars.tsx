import { type KeyboardEvent, useRef, useState } from 'react'
import classes from './Bars.module.css'
import type { Tone } from './StatusBadge.tsx'
import { seriesColour } from './theme.ts'

/** Its height says how much, its colour and mark how it ended. */
export interface Bar {
  readonly id: string
  readonly tone: Tone
  /** Tells without its colour what went wrong; empty where there is nothing to tell. */
  readonly mark: string
  /** 0 to 1, of the highest. */
  readonly height: number
  /** What it is made of, from the bottom: the number of a colour of `theme.ts`, and how much of it. */
  readonly parts?: readonly { readonly series: number; readonly size: number }[]
  /** Shown beside the pointer, and read aloud. */
  readonly words: string
}

interface BarsProps {
  readonly bars: readonly Bar[]
  /** The whole in a sentence, for who can't see it. */
  readonly label: string
  /** Of the highest bar, in pixels. */
  readonly height: number
  /** So many bars fill the width: fewer stand at the right. Left out: the bars are narrow, and stand at the left. */
  readonly places?: number
  /** A limit: 0 to 1, as the heights of the bars. */
  readonly line?: number | undefined
  /** Opens one of them: by the pointer, or by the arrow keys and Enter. Left out: the whole is a picture. */
  readonly onOpen?: (id: string) => void
}

/** No bar is so low that it can't be seen: its colour says something even of nothing. */
const lowest = 2

/** Bars from old to new. */
export function Bars({ bars, label, height, places, line, onOpen }: BarsProps) {
  const frame = {
    className: classes['bars'],
    'aria-label': label,
    'data-fills': places !== undefined,
    // Above the highest bar there may be a line.
    ...(line === undefined ? {} : { style: { minHeight: `${height + 8}px` } }),
  }
  const flexBasis = places === undefined ? '8px' : `${100 / Math.max(places, bars.length)}%`
  const pixelsOf = (part: number) => lowest + (height - lowest) * part
  const drawn = bars.map((bar) => ({ ...bar, style: { flexBasis }, pixels: pixelsOf(bar.height) }))
  if (onOpen !== undefined) return <OpenBars frame={frame} bars={drawn} onOpen={onOpen} />
  return (
    <span role="img" {...frame}>
      {drawn.map(({ id, tone, words, style, ...bar }) => (
        <span key={id} className={classes['bar']} data-tone={tone} title={words} style={style}>
          <Column {...bar} />
        </span>
      ))}
      {line !== undefined && <span className={classes['line']} style={{ bottom: `${pixelsOf(line)}px` }} />}
    </span>
  )
}

type Drawn = Bar & { readonly pixels: number; readonly style: { readonly flexBasis: string } }

function Column({ mark, pixels, parts = [] }: Pick<Drawn, 'mark' | 'pixels' | 'parts'>) {
  return (
    <>
      <span className={classes['mark']}>{mark}</span>
      <span
        className={classes['column']}
        data-stacked={parts.length > 0}
        style={{ height: `${Math.round(pixels)}px` }}
      >
        {parts.map(({ series, size }) => (
          <span key={series} style={{ flexGrow: size, background: seriesColour(series) }} />
        ))}
      </span>
    </>
  )
}

interface OpenBarsProps extends Required<Pick<BarsProps, 'onOpen'>> {
  readonly frame: object
  readonly bars: readonly Drawn[]
}

/** One stop of the Tab key, the newest at first; the arrow keys go from one to the next. */
function OpenBars({ frame, bars, onOpen }: OpenBarsProps) {
  const [chosen, setChosen] = useState<string | null>(null)
  const buttons = useRef(new Map<string, HTMLButtonElement>())
  const last = bars.length - 1
  const found = bars.findIndex(({ id }) => id === chosen)
  const current = found === -1 ? last : found
  const move = (event: KeyboardEvent) => {
    const next = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: last }[event.key]
    const bar = next === undefined ? undefined : bars[next]
    if (bar === undefined) return
    event.preventDefault()
    setChosen(bar.id)
    buttons.current.get(bar.id)?.focus()
  }
  return (
    <div role="toolbar" aria-orientation="horizontal" onKeyDown={move} {...frame}>
      {bars.map(({ id, tone, words, style, ...bar }, at) => (
        <button
          key={id}
          ref={(element) => {
            if (element === null) buttons.current.delete(id)
            else buttons.current.set(id, element)
          }}
          type="button"
          className={classes['bar']}
          data-tone={tone}
          style={style}
          title={words}
          aria-label={words}
          tabIndex={at === current ? 0 : -1}
          onFocus={() => setChosen(id)}
          onClick={() => onOpen(id)}
        >
          <Column {...bar} />
        </button>
      ))}
    </div>
  )
}
