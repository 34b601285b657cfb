import { endpoints, type Run, type RunWithStreams, scopeWords } from '@latchwork/contract'
import { Button, Code, Group, Stack, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { RoleNote } from '../access/RoleNote.tsx'
import { may } from '../access/role.ts'
import { fileAddress } from '../files/queries.ts'
import { formatBytes } from '../ui/number-words.ts'
import { PageHeader } from '../ui/PageHeader.tsx'
import { Pending } from '../ui/Pending.tsx'
import { Notice } from '../ui/ProblemAlert.tsx'
import { StatusBadge } from '../ui/StatusBadge.tsx'
import { TextLink } from '../ui/TextLink.tsx'
import { TimeOf } from '../ui/TimeAgo.tsx'
import { HeldColumns } from './ColumnChanges.tsx'
import { HeldDeletions } from './HeldDeletions.tsx'
import { isActive } from './measures.ts'
import { RunNotices, RunProblem } from './Problems.tsx'
import { Quarantine } from './Quarantine.tsx'
import { runQuery } from './queries.ts'
import { RunActions } from './RunActions.tsx'
import { RunLog } from './RunLog.tsx'
import { RunProgress } from './RunProgress.tsx'
import { LastRecords } from './RunRecords.tsx'
import { RunStreams } from './RunStreams.tsx'

/** One run: live while it works, and afterwards what it did, what it refused and why it stopped. */
export function RunPage() {
  const { runId } = useParams({ from: '/shell/runs/$runId' })
  const query = useQuery(runQuery(runId))
  const { data: run, error } = query
  if (run === undefined) {
    return (
      <>
        <PageHeader title="Run" />
        <Pending query={query} what="the run" rows={3} rowHeight={120} />
      </>
    )
  }
  return (
    <>
      <PageHeader
        title={run.flowName}
        aside={<StatusBadge status={run.status} {...(run.cancelling ? { word: 'Cancelling' } : {})} />}
        description={<StartedBy run={run} />}
        actions={<RunActions key={run.id} run={run} />}
      />
      <Stack gap="lg">
        {error !== null && isActive(run) && (
          <Notice
            tone="warning"
            message="The server doesn’t answer. This page keeps trying, and the run goes on."
          />
        )}
        <RunProblem run={run} />
        <HeldColumns flowId={run.flowId} held={run} endedAt={run.finishedAt} />
        <RunProgress run={run} />
        {run.streams.length > 1 && <RunStreams streams={run.streams} />}
        <RunNotices run={run} />
        <HeldDeletions run={run} />
        {run.output !== null && <Output output={run.output} />}
        {may(run, endpoints.runs.records) ? (
          <>
            <Quarantine run={run} />
            <LastRecords run={run} />
          </>
        ) : (
          <RoleNote kind="flow" held={run} />
        )}
        <RunLog run={run} />
        <Text size="xs" c="dimmed">
          Run <Code>{run.id}</Code>
        </Text>
      </Stack>
    </>
  )
}

function StartedBy({ run }: { run: RunWithStreams }) {
  const labelOf = (name: string) => run.streams.find(({ stream }) => stream === name)?.label ?? name
  return (
    <>
      <TextLink to="/flows/$flowId" params={{ flowId: run.flowId }}>
        Open the flow
      </TextLink>
      {' · '}
      {run.replayOf !== null && (
        <>
          replay of{' '}
          <TextLink to="/runs/$runId" params={{ runId: run.replayOf }}>
            refused records
          </TextLink>
          {', '}
        </>
      )}
      {run.scope !== null && `${scopeWords(run.scope, labelOf)}, `}
      {run.startedBy === null ? (
        'started by its schedule '
      ) : (
        <>
          started by <bdi>{run.startedBy}</bdi>{' '}
        </>
      )}
      <TimeOf at={run.startedAt ?? run.createdAt} />
    </>
  )
}

function Output({ output }: { output: NonNullable<Run['output']> }) {
  return (
    <Group gap="md">
      <Button
        component="a"
        href={fileAddress(output.fileId ?? output.file)}
        download={output.file}
        variant="default"
        leftSection={<IconDownload size={16} aria-hidden />}
      >
        Download
      </Button>
      <Text>
        <bdi>{output.file}</bdi>{' '}
        <Text span c="dimmed">
          {formatBytes(output.bytes)}
        </Text>
      </Text>
    </Group>
  )
}
