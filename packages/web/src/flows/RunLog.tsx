import type { RunStage, RunWithStreams } from '@latchwork/contract'
import { Button, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { absoluteTime, exactTime } from '../ui/time-words.ts'
import { isActive } from './measures.ts'
import { runLogQuery } from './queries.ts'
import classes from './RunLog.module.css'

const shownAtFirst = 12

const stageWords: Record<RunStage, string> = {
  queued: 'Queued',
  started: 'Started',
  prepared: 'Prepared',
  stream_begun: 'Stream begun',
  stream_ended: 'Stream done',
  stream_failed: 'Stream stopped',
  waiting: 'Waiting',
  going_on: 'Going on',
  taken_up: 'Taken up again',
  failed_for_now: 'Failed for now',
  retried: 'Tried again',
  ended: 'Ended',
}

/** What happened to a run, stage by stage, the newest first while it works. */
export function RunLog({ run }: { run: RunWithStreams }) {
  const [all, setAll] = useState(false)
  const live = isActive(run)
  const { data, error } = useQuery(runLogQuery(run.id, live ? 'live' : run.status))
  const items = live ? (data?.items.toReversed() ?? []) : (data?.items ?? [])
  // The end of a run that is over is what matters most beside its beginning.
  const left = all ? 0 : Math.max(0, items.length - shownAtFirst)
  const shown =
    left === 0
      ? items
      : live
        ? items.slice(0, shownAtFirst)
        : [...items.slice(0, 3), ...items.slice(3 + left)]
  return (
    <section aria-labelledby="run-log">
      <Title id="run-log" order={2} size="h4" mb={12}>
        Log
      </Title>
      {error !== null && <ProblemAlert error={error} />}
      {shown.length > 0 && (
        <ol className={classes['log']} aria-labelledby="run-log">
          {shown.map(({ at, stage, stream, message }) => (
            <li
              key={`${at} ${stage} ${stream ?? ''} ${message}`}
              className={classes['entry']}
              data-stage={stage}
            >
              <time dateTime={at} title={absoluteTime(Date.parse(at))} className={classes['at']}>
                {exactTime(Date.parse(at))}
              </time>
              <span className={classes['stage']}>{stageWords[stage]}</span>
              <span dir="auto">{message}</span>
            </li>
          ))}
        </ol>
      )}
      {(left > 0 || all) && (
        <Button variant="default" size="xs" mt="sm" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show ${left} more in between`}
        </Button>
      )}
    </section>
  )
}
