import type { RunStream } from '@latchwork/contract'
import { Table, Text, Title } from '@mantine/core'
import { formatCount } from '../ui/number-words.ts'
import { StatusBadge } from '../ui/StatusBadge.tsx'
import classes from './RunStreams.module.css'

/** What needs a look comes first, then what is under way. */
const order: readonly RunStream['status'][] = [
  ...(['failed', 'partial', 'running', 'waiting', 'skipped', 'cancelled', 'succeeded'] as const),
]

/** The streams of a run: how far each is, and why one stopped. */
export function RunStreams({ streams }: { streams: readonly RunStream[] }) {
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
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.map((stream) => (
              <StreamRow key={stream.stream} stream={stream} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  )
}

function StreamRow({ stream }: { stream: RunStream }) {
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
  return (
    <Table.Tr>
      <Table.Th scope="row" className={classes['name'] ?? ''}>
        <bdi>{label}</bdi>
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
    </Table.Tr>
  )
}
