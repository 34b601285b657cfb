import { counted, type PastRun, pastRunsShown, type RunStatus, runStatuses } from '@latchwork/contract'
import { Button, Group, Skeleton, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Bars } from '../ui/Bars.tsx'
import { formatCount, formatDuration } from '../ui/number-words.ts'
import { StatusBadge } from '../ui/StatusBadge.tsx'
import { TextLink } from '../ui/TextLink.tsx'
import { absoluteTime } from '../ui/time-words.ts'
import { elapsedMs } from './measures.ts'
import { flowHistoryQuery } from './queries.ts'
import classes from './RunHistory.module.css'
import { lookOf } from './strip.ts'
import { runStatusWords } from './words.ts'

/** Few runs do not fill the width: a bar stays as wide as it is among many. */
const places = 24

/** The last runs of a flow as bars: how many records, how long, and how each ended. The same as a table, by choice. */
export function RunHistory({ flowId, live }: { flowId: string; live: boolean }) {
  const { data } = useQuery(flowHistoryQuery(flowId, live))
  const [asTable, setAsTable] = useState(false)
  const navigate = useNavigate()
  if (data === undefined) return <Skeleton h={280} radius={8} />
  if (data.items.length < 2) return null
  const runs = data.items.toReversed()
  const open = (runId: string) => void navigate({ to: '/runs/$runId', params: { runId } })
  const bars = (measure: (run: PastRun) => number, highest: number) =>
    runs.map((run) => ({
      ...{ id: run.id, ...lookOf(run.status), words: wordsOf(run) },
      height: measure(run) / Math.max(1, highest),
    }))
  const most = Math.max(...runs.map(({ recordsRead }) => recordsRead))
  const longest = Math.max(...runs.map(durationOf))
  return (
    <section aria-labelledby="run-history">
      <Group justify="space-between" mb={12} gap="sm">
        <Title id="run-history" order={2} size="h4">
          {runs.length === pastRunsShown ? `Last ${pastRunsShown} runs` : 'History'}
        </Title>
        <Button variant="default" size="xs" aria-expanded={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Show as chart' : 'Show as table'}
        </Button>
      </Group>
      <div className={classes['panel']}>
        {asTable ? (
          <HistoryTable runs={data.items} />
        ) : (
          <>
            <Measure label="Records read" most={`up to ${formatCount(most)}`}>
              <Bars
                label={`Records read in the last ${counted(runs.length, 'run')}, up to ${formatCount(most)}. ${outcomes(runs)}`}
                bars={bars(({ recordsRead }) => recordsRead, most)}
                height={96}
                places={places}
                onOpen={open}
              />
            </Measure>
            <Measure label="Duration" most={`up to ${formatDuration(longest)}`}>
              <Bars
                label={`Duration of the last ${counted(runs.length, 'run')}, up to ${formatDuration(longest)}.`}
                bars={bars(durationOf, longest)}
                height={48}
                places={places}
                onOpen={open}
              />
            </Measure>
            <Group gap="md" justify="space-between">
              <Group gap="md">
                {byStatus(runs).map(({ status, count }) => (
                  <StatusBadge
                    key={status}
                    status={status}
                    word={`${formatCount(count)} ${runStatusWords[status].toLowerCase()}`}
                  />
                ))}
              </Group>
              <Text size="xs" c="dimmed">
                Oldest at the left. A click opens a run, or Enter: the arrow keys go from one to the next.
              </Text>
            </Group>
          </>
        )}
      </div>
    </section>
  )
}

function Measure({ label, most, children }: { label: string; most: string; children: React.ReactNode }) {
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="xs" c="dimmed">
          {label}
        </Text>
        <Text size="xs" c="dimmed" className={classes['number'] ?? ''}>
          {most}
        </Text>
      </Group>
      {children}
    </div>
  )
}

function HistoryTable({ runs }: { runs: readonly PastRun[] }) {
  return (
    <div className={classes['scroll']}>
      <Table aria-labelledby="run-history">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Run</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th ta="end">Read</Table.Th>
            <Table.Th ta="end">Written</Table.Th>
            <Table.Th ta="end">Refused</Table.Th>
            <Table.Th ta="end">Duration</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr key={run.id} className={classes['number'] ?? ''}>
              <Table.Th scope="row" fw={400}>
                <TextLink to="/runs/$runId" params={{ runId: run.id }}>
                  {absoluteTime(Date.parse(run.startedAt ?? run.createdAt))}
                </TextLink>
              </Table.Th>
              <Table.Td>
                <StatusBadge status={run.status} />
              </Table.Td>
              <Table.Td ta="end">{formatCount(run.recordsRead)}</Table.Td>
              <Table.Td ta="end">{formatCount(run.recordsWritten)}</Table.Td>
              <Table.Td ta="end">{formatCount(run.recordsRefused)}</Table.Td>
              <Table.Td ta="end">{formatDuration(durationOf(run))}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function durationOf(run: PastRun): number {
  return elapsedMs(run, Date.now()) ?? 0
}

function wordsOf(run: PastRun): string {
  const at = absoluteTime(Date.parse(run.startedAt ?? run.createdAt))
  const refused = run.recordsRefused === 0 ? '' : `, ${formatCount(run.recordsRefused)} refused`
  const records = `${formatCount(run.recordsRead)} read${refused}`
  return `${at}: ${runStatusWords[run.status].toLowerCase()}, ${records}, ${formatDuration(durationOf(run))}`
}

function byStatus(runs: readonly PastRun[]): { status: RunStatus; count: number }[] {
  return runStatuses
    .map((status) => ({ status, count: runs.filter((run) => run.status === status).length }))
    .filter(({ count }) => count > 0)
}

function outcomes(runs: readonly PastRun[]): string {
  const words = byStatus(runs).map(({ status, count }) => `${count} ${runStatusWords[status].toLowerCase()}`)
  return `${words.join(', ')}.`
}
