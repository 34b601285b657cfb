import type { RunWithStreams } from '@latchwork/contract'
import { Progress, Text } from '@mantine/core'
import { formatCount, formatDuration, formatRate } from '../ui/number-words.ts'
import { TextLink } from '../ui/TextLink.tsx'
import {
  elapsedMs,
  isActive,
  progressOf,
  recordsPerSecond,
  remainingMs,
  streamsDone,
  useNow,
} from './measures.ts'
import classes from './RunProgress.module.css'
import { runSentence } from './words.ts'

const barColors = {
  queued: 'gray',
  running: 'latch',
  succeeded: 'green',
  partial: 'yellow',
  failed: 'red',
  cancelled: 'gray',
} as const

/** How far a run is: a bar, a sentence, and its counts. Keeps its height from start to end. */
export function RunProgress({ run }: { run: RunWithStreams }) {
  const active = isActive(run)
  const now = useNow(active)
  const ofRecords = progressOf(run)
  const ofStreams = ofRecords === null ? streamsDone(run) : null
  const share = ofRecords ?? (ofStreams === null ? null : ofStreams.done / ofStreams.all)
  const elapsed = elapsedMs(run, now)
  const rate = recordsPerSecond(run, now)
  const left = run.status === 'running' ? remainingMs(run, elapsed) : null
  return (
    <section className={classes['panel']} aria-label="Progress">
      <div className={classes['head']}>
        <Text role="status" className={classes['sentence'] ?? ''}>
          {runSentence(run)}
          {run.inQuarantine > 0 && (
            <>
              {' '}
              <TextLink to="/runs/$runId" params={{ runId: run.id }} hash="refused-records">
                Look at {run.inQuarantine === 1 ? 'the refused one' : `the ${formatCount(run.inQuarantine)}`}
              </TextLink>
            </>
          )}
        </Text>
        <Text className={classes['share'] ?? ''}>
          {ofRecords !== null && `${Math.floor(ofRecords * 100)} %`}
          {ofStreams !== null && `${ofStreams.done} of ${ofStreams.all} streams`}
          {run.recordsExpected !== null && (
            <Text span c="dimmed">
              {' '}
              of {formatCount(run.recordsExpected)}
              {left !== null && `, about ${formatDuration(left)} left`}
            </Text>
          )}
        </Text>
      </div>
      <Progress
        value={share === null ? (active ? 100 : run.recordsWritten > 0 ? 100 : 0) : share * 100}
        color={barColors[run.status]}
        // The total is unknown: the bar only shows that something happens.
        striped={run.status === 'running' && share === null}
        animated={run.status === 'running' && share === null}
        aria-label={share === null ? 'Progress; the end isn’t known' : 'Progress'}
        size="md"
      />
      <dl className={classes['counts']}>
        <Count label="Read" value={formatCount(run.recordsRead)} />
        <Count label="Written" value={formatCount(run.recordsWritten)} />
        <Count label="Refused" value={formatCount(run.recordsRefused)} bad={run.recordsRefused > 0} />
        {run.recordsDeleted > 0 && <Count label="Deleted" value={formatCount(run.recordsDeleted)} />}
        <Count label="Pages" value={formatCount(run.pages)} />
        <Count label="Duration" value={elapsed === null ? '–' : formatDuration(elapsed)} />
        <Count label="Records per second" value={rate === null ? '–' : formatRate(rate)} />
      </dl>
      {run.retries > 0 && (
        <Text size="xs" c="dimmed">
          {run.retries === 1
            ? 'Tried again once after an outage, from the last page that was written.'
            : `Tried again ${run.retries} times after outages, each time from the last page that was written.`}
        </Text>
      )}
      {run.resumes > 0 && (
        <Text size="xs" c="dimmed">
          {run.resumes === 1
            ? 'Continued once after a restart, from the last page that was written.'
            : `Taken up again ${run.resumes} times after restarts, each time from the last page that was written.`}
        </Text>
      )}
    </section>
  )
}

function Count({ label, value, bad = false }: { label: string; value: string; bad?: boolean }) {
  return (
    <div className={classes['count']}>
      <dt>{label}</dt>
      <dd data-bad={bad}>{value}</dd>
    </div>
  )
}
