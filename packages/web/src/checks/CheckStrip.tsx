import { type KeyboardEvent, useId, useState } from 'react'
import classes from './checks.module.css'
import { looks, type StripDay, stripSentence, tones } from './strip.ts'

const dayFormat = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' })

interface CheckStripProps {
  name: string
  strip: readonly StripDay[]
}

/** Thirty days at a glance. The arrow keys, or the pointer, go from day to day; what happened floats under it. */
export function CheckStrip({ name, strip }: CheckStripProps) {
  const [chosen, setChosen] = useState<number | null>(null)
  const detailsId = useId()
  const last = strip.length - 1
  const shown = chosen === null ? undefined : strip[chosen]
  const move = (event: KeyboardEvent) => {
    const from = chosen ?? last
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key]
    if (to === undefined) return
    event.preventDefault()
    setChosen(Math.max(0, Math.min(last, to)))
  }
  return (
    <div className={classes['days']}>
      <div
        className={classes['strip']}
        role="slider"
        tabIndex={0}
        aria-label={`${name}: ${stripSentence(strip)}`}
        aria-valuemin={1}
        aria-valuemax={strip.length}
        aria-valuenow={(chosen ?? last) + 1}
        aria-valuetext={sentenceOf(shown ?? strip[last])}
        aria-describedby={detailsId}
        aria-readonly
        onKeyDown={move}
        onFocus={() => setChosen((now) => now ?? last)}
        onBlur={() => setChosen(null)}
        onPointerLeave={() => setChosen(null)}
      >
        {strip.map((day, index) => (
          <span
            key={day.day}
            className={classes['day']}
            data-tone={day.tone}
            data-chosen={index === chosen}
            aria-hidden
            onPointerEnter={() => setChosen(index)}
          >
            {day.mark}
          </span>
        ))}
      </div>
      <p id={detailsId} className={classes['details']} data-shown={shown !== undefined}>
        {shown !== undefined && sentenceOf(shown)}
      </p>
    </div>
  )
}

function sentenceOf(day: StripDay | undefined): string {
  if (day === undefined) return ''
  const date = dayFormat.format(new Date(`${day.day}T00:00:00Z`))
  return `${date}: ${day.word}${day.reason === null ? '.' : `. ${day.reason.message}`}`
}

/** What the colours and marks of the strips mean. */
export function CheckLegend() {
  return (
    <div className={classes['legend']}>
      {tones.map((tone) => (
        <span key={tone}>
          <span className={classes['day']} data-tone={tone} aria-hidden>
            {looks[tone].mark}
          </span>
          {looks[tone].word}
        </span>
      ))}
      <span className={classes['span']}>30 days ago to today</span>
    </div>
  )
}
