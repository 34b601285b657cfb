import type { StripRun } from '@latchwork/contract'
import classes from './RunStrip.module.css'
import { barsOf, stripSentence } from './strip.ts'

/** The last runs of a flow at a glance. */
export function RunStrip({ runs }: { runs: readonly StripRun[] }) {
  if (runs.length === 0) return <span className={classes['none']}>Never run</span>
  return (
    <span className={classes['strip']} role="img" aria-label={stripSentence(runs)}>
      {barsOf(runs).map(({ id, tone, mark, height, words }) => (
        <span key={id} className={classes['run']} data-tone={tone} title={words}>
          <span className={classes['mark']}>{mark}</span>
          <span className={classes['bar']} style={{ height: `${Math.round(2 + 18 * height)}px` }} />
        </span>
      ))}
    </span>
  )
}
