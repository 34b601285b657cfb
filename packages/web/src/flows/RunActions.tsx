import { ApiError, endpoints, type RunWithStreams } from '@latchwork/contract'
import { Button, Group, Stack } from '@mantine/core'
import { IconPlayerPlay, IconPlayerStop, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { may } from '../access/role.ts'
import { api } from '../api/client.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { formatCount } from '../ui/number-words.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { isActive } from './measures.ts'
import { RemedyButton } from './Problems.tsx'
import { runKeys, useDeleteRun, useReplay, useRunFlow } from './queries.ts'
import { useRunAsking } from './useRunAsking.tsx'
import { helpFor, recordsWord } from './words.ts'

/** What can be done with a run. What helps most is the one primary button; after a success there is none. */
export function RunActions({ run }: { run: RunWithStreams }) {
  const again = useRunAsking(run.flowId)
  const part = useRunFlow()
  const replay = useReplay(run)
  const failure = again.error ?? part.error ?? replay.error
  if (isActive(run)) return may(run, endpoints.runs.cancel) ? <CancelRun run={run} /> : null
  const canReplay = run.replayable > 0 && may(run, endpoints.runs.replay)
  const help = helpFor(run, canReplay)
  const failed = run.streams.filter(({ status }) => status === 'failed').map(({ stream }) => stream)
  const isPart = failed.length > 0 && failed.length < run.streams.length
  return (
    <Stack gap="xs">
      <Group gap="sm">
        {may(run, endpoints.runs.delete) && <DeleteRun run={run} />}
        {may(run, endpoints.flows.run) && (
          <BusyButton
            {...(help === 'again' && !isPart ? {} : { variant: 'default' })}
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            busy={again.isPending}
            onClick={() => again.start()}
          >
            Run again
          </BusyButton>
        )}
        {isPart && may(run, endpoints.flows.run) && (
          <BusyButton
            {...(help === 'again' ? {} : { variant: 'default' })}
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            busy={part.isPending}
            onClick={() => part.mutate({ id: run.flowId, streams: failed })}
          >
            {failed.length === 1 ? 'Run the failed stream' : `Run the ${failed.length} that failed`}
          </BusyButton>
        )}
        {canReplay && (
          <BusyButton
            {...(help === 'replay' ? {} : { variant: 'default' })}
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            busy={replay.isPending}
            onClick={() => replay.mutate({})}
          >
            {run.replayable === 1 ? 'Replay the record' : `Replay the ${formatCount(run.replayable)}`}
          </BusyButton>
        )}
        {help === 'remedy' && <RemedyButton run={run} />}
      </Group>
      {again.dialog}
      {failure !== null && <ProblemAlert error={failure} />}
    </Stack>
  )
}

function CancelRun({ run }: { run: RunWithStreams }) {
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
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
  const hasEnded = cancel.error instanceof ApiError && cancel.error.code === 'run_finished'
  return (
    <Stack gap="xs">
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={16} aria-hidden />}
        disabled={run.cancelling}
        onClick={() => setAsking(true)}
      >
        {run.cancelling ? 'Cancelling' : 'Cancel run'}
      </Button>
      {cancel.error !== null && !hasEnded && <ProblemAlert error={cancel.error} />}
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

function DeleteRun({ run }: { run: RunWithStreams }) {
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
