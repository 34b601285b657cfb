import { endpoints, type Flow, type FlowWatch, usualWatch } from '@latchwork/contract'
import { Button, Checkbox, Group, NumberInput, Stack, Text } from '@mantine/core'
import { IconBellCog } from '@tabler/icons-react'
import { useState } from 'react'
import { may } from '../access/role.ts'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { useUpdateFlow } from './queries.ts'
import { watchWords } from './words.ts'

/** What is told of a flow though its runs succeed, and the way to change that. */
export function FlowWatchLine({ flow }: { flow: Flow }) {
  const [opened, setOpened] = useState(false)
  return (
    <Group gap="md" justify="space-between">
      <Text miw={0}>
        <Text span c="dimmed">
          Tells of:{' '}
        </Text>
        {watchWords(flow.watch)}
      </Text>
      {may(flow, endpoints.flows.update) && (
        <Button
          variant="default"
          leftSection={<IconBellCog size={16} aria-hidden />}
          onClick={() => setOpened(true)}
        >
          Choose alerts
        </Button>
      )}
      <Dialog opened={opened} onClose={() => setOpened(false)} title="What this flow tells of" size={520}>
        {opened && <Choice flow={flow} onClose={() => setOpened(false)} />}
      </Dialog>
    </Group>
  )
}

function Choice({ flow, onClose }: { flow: Flow; onClose(): void }) {
  /** Another's change that arrives meanwhile is no part of what this person saw. */
  const [seen] = useState(flow.watch)
  const [watch, setWatch] = useState<FlowWatch>(flow.watch)
  const update = useUpdateFlow(flow.id)
  const change = (part: Partial<FlowWatch>) => {
    update.reset()
    setWatch({ ...watch, ...part })
  }
  const { quietHours, volumeTimes } = watch
  return (
    <Stack gap="md">
      <Text c="dimmed">
        Failures, refused records and being late are always told, to everybody who wants to know them.
      </Text>
      <Checkbox
        label="Nothing is read"
        description="A stream that is read whole is told at once, if it always had records. Streams that are read by their changes may be quiet for a while."
        checked={quietHours !== null}
        onChange={(event) =>
          change({ quietHours: event.currentTarget.checked ? usualWatch.quietHours : null })
        }
      />
      {quietHours !== null && (
        <NumberInput
          label="Hours without a change"
          ml={32}
          maw={240}
          min={1}
          max={8784}
          allowDecimal={false}
          value={quietHours}
          onChange={(value) => typeof value === 'number' && value >= 1 && change({ quietHours: value })}
        />
      )}
      <Checkbox
        label="Far more or fewer records than usual"
        description="Compared with its last ten runs, once there are five."
        checked={volumeTimes !== null}
        onChange={(event) =>
          change({ volumeTimes: event.currentTarget.checked ? usualWatch.volumeTimes : null })
        }
      />
      {volumeTimes !== null && (
        <NumberInput
          label="Times as many, or as few"
          ml={32}
          maw={240}
          min={1.5}
          max={1000}
          step={0.5}
          value={volumeTimes}
          onChange={(value) => typeof value === 'number' && value >= 1.5 && change({ volumeTimes: value })}
        />
      )}
      <Checkbox
        label="Columns of the destination change"
        checked={watch.schemaChanges}
        onChange={(event) => change({ schemaChanges: event.currentTarget.checked })}
      />
      {update.error !== null && <ProblemAlert error={update.error} />}
      <FormButtons
        label="Save"
        busy={update.isPending}
        onCancel={onClose}
        onClick={() => update.mutate({ watch, was: { watch: seen } }, { onSuccess: onClose })}
      />
    </Stack>
  )
}
