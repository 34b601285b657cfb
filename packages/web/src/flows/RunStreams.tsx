import type { RunStream } from '@latchwork/contract'
import { Progress, Table, Text, Title } from '@mantine/core'
import { formatCount, formatDuration, formatRate } from '../ui/number-words.ts'
import { StatusBadge } from '../ui/StatusBadge.tsx'
import { rateOf, remainingMs, streamMs, useNow } from './measures.ts'
import classes from './RunStreams.module.css'

/** What needs a look comes first, then what is under way. */
const order: readonly RunStream['status'][] = [
  ...(['failed', 'partial', 'running', 'waiting', 'skipped', 'cancelled', 'succeeded'] as const),
]

/** The streams of a run: how far each is, and why one stopped. */
export function RunStreams({ streams }: { streams: readonly RunStream[] }) {
  const now = useNow(streams.some(({ status }) => status === 'running'))
  const sorted = streams.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
  return (
    <section aria-labelledby="run-streams">
      <Title id="run-streams" order={2} size="h4" mb={12}>
        Streams
      </Title>
      <div className={classes['frame']}>
        <Table className={classes['table'] ?? ''} aria-labelledby="run-streams">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Stream</Table.Th>
              <Table.Th>Status</Table.Th>
              <Table.Th ta="end">Read</Table.Th>
              <Table.Th ta="end">Written</Table.Th>
              <Table.Th ta="end">Refused</Table.Th>
              <Table.Th ta="end">Deleted</Table.Th>
              <Table.Th ta="end">Pages</Table.Th>
              <Table.Th ta="end">Time</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.map((stream) => (
              <StreamRow key={stream.stream} stream={stream} now={now} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  )
}

function StreamRow({ stream, now }: { stream: RunStream; now: number }) {
  const {
    label,
    status,
    recordsRead,
    recordsWritten,
    recordsRefused,
    recordsDeleted,
    recordsExpected,
    error,
  } = stream
  const worked = streamMs(stream, now)
  const rate = rateOf(recordsRead, worked)
  const left = status === 'running' ? remainingMs(stream, worked) : null
  const share = recordsExpected === null || recordsExpected === 0 ? null : recordsRead / recordsExpected
  return (
    <Table.Tr>
      <Table.Th scope="row" className={classes['name'] ?? ''}>
        <bdi>{label}</bdi>
        {status === 'running' && (
          <Progress
            mt={8}
            size="xs"
            value={share === null ? 100 : Math.min(1, share) * 100}
            striped={share === null}
            aria-label={share === null ? `Progress of ${label}; the end isn’t known` : `Progress of ${label}`}
          />
        )}
        {error !== null && (
          <Text size="sm" fw={400} c={status === 'failed' ? 'var(--status-bad)' : 'dimmed'} dir="auto">
            {error.message}
          </Text>
        )}
      </Table.Th>
      <Table.Td data-label="Status">
        <StatusBadge status={status} />
      </Table.Td>
      <Table.Td data-label="Read" className={classes['count'] ?? ''}>
        {formatCount(recordsRead)}
        {recordsExpected !== null && (
          <Text span c="dimmed">
            {' '}
            of {formatCount(recordsExpected)}
          </Text>
        )}
      </Table.Td>
      <Table.Td data-label="Written" className={classes['count'] ?? ''}>
        {formatCount(recordsWritten)}
      </Table.Td>
      <Table.Td data-label="Refused" className={classes['count'] ?? ''} data-bad={recordsRefused > 0}>
        {formatCount(recordsRefused)}
      </Table.Td>
      <Table.Td data-label="Deleted" className={classes['count'] ?? ''}>
        {formatCount(recordsDeleted)}
      </Table.Td>
      <Table.Td data-label="Pages" className={classes['count'] ?? ''}>
        {formatCount(stream.pages)}
      </Table.Td>
      <Table.Td data-label="Time" className={classes['count'] ?? ''}>
        {worked === null ? '–' : formatDuration(worked)}
        {rate !== null && (
          <Text span c="dimmed" size="xs" className={classes['rate'] ?? ''}>
            {formatRate(rate)} a second{left !== null && `, about ${formatDuration(left)} left`}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
