import classes from './health.module.css'
import { looks, tones } from './strip.ts'

/** What the colours and marks of the strips mean. */
export function HealthLegend() {
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
