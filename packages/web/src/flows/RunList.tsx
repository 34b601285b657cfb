import { type Run, scopeWords, starterWords } from '@latchwork/contract'
import { Link } from '@tanstack/react-router'
import { FramedList, rowClass } from '../ui/lists.tsx'
import { formatCount, formatDuration } from '../ui/number-words.ts'
import { StatusBadge } from '../ui/StatusBadge.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { absoluteTime } from '../ui/time-words.ts'
import { elapsedMs, isActive, useNow } from './measures.ts'
import classes from './RunList.module.css'

interface RunListProps {
  label: string
  runs: readonly Run[]
  /** Runs of one flow need not repeat its name. */
  withFlow?: boolean
}

/** Runs as rows, each leading to its page. */
export function RunList({ label, runs, withFlow = true }: RunListProps) {
  const now = useNow(runs.some(isActive))
  return (
    <FramedList label={label}>
      {runs.map((run) => {
        const elapsed = elapsedMs(run, now)
        return (
          <li key={run.id}>
            <Link to="/runs/$runId" params={{ runId: run.id }} className={rowClass(classes['row'])}>
              <span className={classes['status']}>
                <StatusBadge status={run.status} {...(run.cancelling ? { word: 'Cancelling' } : {})} />
              </span>
              <span className={classes['what']}>
                {withFlow && <bdi className={classes['name']}>{run.flowName}</bdi>}
                <span className={classes['detail']}>
                  {detailOf(run)} · <bdi>{starterWords(run)}</bdi>
                </span>
              </span>
              <span className={classes['duration']}>{elapsed === null ? '' : formatDuration(elapsed)}</span>
              <span className={classes['when']}>
                <TimeAgo at={run.startedAt ?? run.createdAt} />
                <span className={classes['exact']}>
                  {absoluteTime(Date.parse(run.startedAt ?? run.createdAt))}
                </span>
              </span>
            </Link>
          </li>
        )
      })}
    </FramedList>
  )
}

function detailOf(run: Run): string {
  const written = `${formatCount(run.recordsWritten)} written`
  const others = [
    ...(run.recordsRefused === 0 ? [] : [`${formatCount(run.recordsRefused)} refused`]),
    ...(run.recordsDeleted === 0 ? [] : [`${formatCount(run.recordsDeleted)} deleted`]),
  ]
  const scope = scopeWords(run.scope)
  const counts = [...(scope === null ? [] : [scope]), written, ...others].join(', ')
  if (run.status === 'failed' && run.error !== null) return `${run.error.message} ${counts}.`
  return run.status === 'queued' ? 'Waiting to start' : counts
}
