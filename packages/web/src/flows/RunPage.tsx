import { ApiError, endpoints, type Run } from '@latchwork/contract'
import { Button, Code, Group, Stack, Text } from '@mantine/core'
import { IconDownload, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { RoleNote } from '../access/RoleNote.tsx'
import { may } from '../access/role.ts'
import { api } from '../api/client.ts'
import { fileAddress } from '../files/queries.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { formatBytes } from '../ui/number-words.ts'
import { PageHeader } from '../ui/PageHeader.tsx'
import { Pending } from '../ui/Pending.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { StatusBadge } from '../ui/StatusBadge.tsx'
import { TextLink } from '../ui/TextLink.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { isActive } from './measures.ts'
import { RunProblem } from './Problems.tsx'
import { runKeys, runQuery, useRunFlow } from './queries.ts'
import { RunProgress } from './RunProgress.tsx'
import { LastRecords, Quarantine } from './RunRecords.tsx'

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
            message="We lost touch with the server and keep trying. The run goes on by itself."
          />
        )}
        <RunProblem run={run} />
        <RunProgress run={run} />
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
  const again = useRunFlow()
  const cancel = useMutation({
    mutationFn: () => api.runs.cancel({ params: { id: run.id } }),
    onSuccess: (next) => client.setQueryData(runKeys.one(run.id), next),
    onError: () => void client.invalidateQueries({ queryKey: runKeys.one(run.id) }),
    onSettled: () => setAsking(false),
  })
  const failure = cancel.error ?? again.error
  return (
    <Stack gap="xs" align="flex-end">
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
      {!isActive(run) && may(run, endpoints.flows.run) && (
        <BusyButton
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          busy={again.isPending}
          onClick={() => again.mutate(run.flowId)}
        >
          Run again
        </BusyButton>
      )}
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
