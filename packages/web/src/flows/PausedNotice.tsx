import { endpoints, type Flow } from '@latchwork/contract'
import { Button, Group, Text } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { may } from '../access/role.ts'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { useUpdateFlow } from './queries.ts'

/** Why a flow does not run, since when, and the way to resume it. */
export function PausedNotice({ flow }: { flow: Flow }) {
  const resume = useUpdateFlow(flow.id)
  if (flow.paused === null) return null
  return (
    <Notice tone="warning" message={flow.paused.message} code={flow.paused.code}>
      <Text mt={4}>
        Paused <TimeAgo at={flow.paused.at} />
        {flow.scheduleMinutes === null ? '.' : ': it does not run on its schedule until it is resumed.'}
      </Text>
      {may(flow, endpoints.flows.update) && (
        <Group mt="sm">
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlayerPlay size={14} aria-hidden />}
            loading={resume.isPending}
            onClick={() => resume.mutate({ paused: false })}
          >
            Resume
          </Button>
        </Group>
      )}
      {resume.error !== null && <ProblemAlert error={resume.error} />}
    </Notice>
  )
}
