import { endpoints, heldBack, type RunWithStreams } from '@latchwork/contract'
import { Group, Text } from '@mantine/core'
import { may } from '../access/role.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { isActive } from './measures.ts'
import { useRunFlow } from './queries.ts'
import { recordsWord } from './words.ts'

/** Records that a run did not mark or remove, since they were more than half, and the way to say that they are gone. */
export function HeldDeletions({ run }: { run: RunWithStreams }) {
  const start = useRunFlow()
  const streams = heldBack(run)
  if (streams.length === 0 || isActive(run)) return null
  const held = streams.map((name) => {
    const label = run.streams.find(({ stream }) => stream === name)?.label ?? name
    const gone = run.notices.find(({ code, column }) => code === 'deletions_held' && column === name)
    return `${label} (${recordsWord(gone?.count ?? 0)})`
  })
  return (
    <Notice tone="warning" message={`Deletions of ${held.join(', ')} were held back.`}>
      <Text mt={4}>
        More than half of what the destination has did not come from the source any more. If that is right,
        the flow compares once more and goes on. If it is not, look at the source first: nothing is lost.
      </Text>
      {may(run, endpoints.flows.run) && (
        <Group mt="sm">
          <BusyButton
            variant="default"
            size="xs"
            busy={start.isPending}
            onClick={() => start.mutate({ id: run.flowId, streams, gone: true })}
          >
            They are really gone: go on
          </BusyButton>
        </Group>
      )}
      {start.error !== null && <ProblemAlert error={start.error} />}
    </Notice>
  )
}
