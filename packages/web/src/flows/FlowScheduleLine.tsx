import { endpoints, type Flow, scheduleWords } from '@latchwork/contract'
import { Button, Group, Text } from '@mantine/core'
import { IconCalendarTime } from '@tabler/icons-react'
import { useState } from 'react'
import { may } from '../access/role.ts'
import { EditFlow } from './FlowDialogs.tsx'
import { NextRun } from './Schedule.tsx'

/** When a flow runs, and the way to change that. */
export function FlowScheduleLine({ flow }: { flow: Flow }) {
  const [opened, setOpened] = useState(false)
  const { schedule, nextRunAt } = flow
  return (
    <Group gap="md" justify="space-between">
      <Text miw={0}>
        <Text span c="dimmed">
          Runs:{' '}
        </Text>
        {schedule === null ? 'when somebody starts it' : scheduleWords(schedule)}
        {nextRunAt !== null && (
          <>
            , <NextRun at={nextRunAt} />
          </>
        )}
      </Text>
      {may(flow, endpoints.flows.update) && (
        <Button
          variant="default"
          leftSection={<IconCalendarTime size={16} aria-hidden />}
          onClick={() => setOpened(true)}
        >
          Choose schedule
        </Button>
      )}
      <EditFlow flow={flow} opened={opened} onClose={() => setOpened(false)} />
    </Group>
  )
}
