import { ApiError, endpoints, type Run, type RunWithStreams, scopeWords } from '@latchwork/contract'
import { Button, Code, Group, Stack, Text } from '@mantine/core'
import { IconDownload, IconPlayerPlay, IconPlayerStop, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { RoleNote } from '../access/RoleNote.tsx'
import { may } from '../access/role.ts'
import { api } from '../api/client.ts'
import { fileAddress } from '../files/queries.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { formatBytes, formatCount } from '../ui/number-words.ts'
import { PageHeader } from '../ui/PageHeader.tsx'
import { Pending } from '../ui/Pending.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { StatusBadge } from '../ui/StatusBadge.tsx'
import { TextLink } from '../ui/TextLink.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { HeldDeletions } from './HeldDeletions.tsx'
import { isActive } from './measures.ts'
import { RunNotices, RunProblem } from './Problems.tsx'
import { Quarantine } from './Quarantine.tsx'
import { runKeys, runQuery, useDeleteRun, useReplay } from './queries.ts'
import { RunProgress } from './RunProgress.tsx'
import { LastRecords } from './RunRecords.tsx'
import { RunStreams } from './RunStreams.tsx'
import { useRunAsking } from './useRunAsking.tsx'
import { recordsWord } from './words.ts'

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
        <Text size="xs" c="dimmed">
          Run <Code>{run.id}</Code>
        </Text>
      </Stack>
    </>
  )
}

function StartedBy({ run }: { run: Run }) {
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
      {run.scope !== null && `${scopeWords(run.scope)}, `}
      {run.startedBy === null ? (
        'started by its schedule '
      ) : (
        <>
          started by <bdi>{run.startedBy}</bdi>{' '}
        </>
      )}
      <TimeAgo at={run.startedAt ?? run.createdAt} />
    </>
  )
}

function RunActions({ run }: { run: Run }) {
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const again = useRunAsking(run.flowId)
  const replay = useReplay(run)
  const cancel = useMutation({
    mutationFn: () => api.runs.cancel({ params: { id: run.id } }),
    onSuccess: (next) =>
      client.setQueryData(runKeys.one(run.id), (shown: RunWithStreams | undefined) => ({
        ...next,
        streams: shown?.streams ?? [],
      })),
    onError: () => void client.invalidateQueries({ queryKey: runKeys.one(run.id) }),
    onSettled: () => setAsking(false),
  })
  const failure = cancel.error ?? again.error ?? replay.error
  const canReplay = !isActive(run) && run.replayable > 0 && may(run, endpoints.runs.replay)
  return (
    <Stack gap="xs">
      {isActive(run) && may(run, endpoints.runs.cancel) && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          disabled={run.cancelling}
          onClick={() => setAsking(true)}
        >
          {run.cancelling ? 'Cancelling' : 'Cancel run'}
        </Button>
      )}
      <Group gap="sm">
        {!isActive(run) && may(run, endpoints.runs.delete) && <DeleteRun run={run} />}
        {!isActive(run) && may(run, endpoints.flows.run) && (
          <BusyButton
            {...(canReplay ? { variant: 'default' } : {})}
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            busy={again.isPending}
            onClick={() => again.start()}
          >
            Run again
          </BusyButton>
        )}
        {canReplay && (
          <BusyButton
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            busy={replay.isPending}
            onClick={() => replay.mutate({})}
          >
            {run.replayable === 1 ? 'Replay the record' : `Replay the ${formatCount(run.replayable)}`}
          </BusyButton>
        )}
      </Group>
      {again.dialog}
      {failure !== null && !(failure instanceof ApiError && failure.code === 'run_finished') && (
        <ProblemAlert error={failure} />
      )}
      <ConfirmDialog
        opened={asking}
        title="Cancel this run?"
        confirmLabel="Cancel run"
        cancelLabel="Let it run"
        work={cancel}
        onConfirm={() => cancel.mutate()}
        onCancel={() => setAsking(false)}
      >
        It stops after the page in progress. The flow can be run again at any time.
      </ConfirmDialog>
    </Stack>
  )
}

function DeleteRun({ run }: { run: Run }) {
  const [asking, setAsking] = useState(false)
  const navigate = useNavigate()
  const remove = useDeleteRun()
  const left =
    run.inQuarantine === 0 ? '' : ` ${recordsWord(run.inQuarantine)} in its quarantine are erased with it.`
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconTrash size={16} aria-hidden />}
        onClick={() => setAsking(true)}
      >
        Delete
      </Button>
      <ConfirmDialog
        opened={asking}
        title="Delete this run?"
        confirmLabel="Delete run"
        danger
        work={remove}
        onCancel={() => setAsking(false)}
        onConfirm={() =>
          remove.mutate(run.id, {
            onSuccess: () => void navigate({ to: '/flows/$flowId', params: { flowId: run.flowId } }),
          })
        }
      >
        What it has written stays in the destination.{left}
      </ConfirmDialog>
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
