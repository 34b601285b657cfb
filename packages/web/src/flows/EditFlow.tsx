import { ApiError, type Flow } from '@latchwork/contract'
import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { useUpdateFlow } from './queries.ts'
import { ScheduleSelect } from './ScheduleSelect.tsx'

interface EditFlowProps {
  /** Null while nothing was ever to be edited: the dialog is closed then. */
  flow: Flow | null
  opened: boolean
  onClose(): void
}

/** Changes a flow's name, description and schedule. */
export function EditFlow({ flow, opened, onClose }: EditFlowProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Edit flow" size={520}>
      {flow !== null && <EditForm key={flow.id} flow={flow} onClose={onClose} />}
    </Modal>
  )
}

function EditForm({ flow, onClose }: { flow: Flow; onClose(): void }) {
  const [name, setName] = useState(flow.name)
  const [description, setDescription] = useState(flow.description)
  const [scheduleMinutes, setSchedule] = useState(flow.scheduleMinutes)
  const update = useUpdateFlow(flow.id)
  const nameFault = name.trim() === '' ? 'The name is required.' : nameRefusal(update.error)
  const save = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() === '') return
    update.mutate({ name, description, scheduleMinutes }, { onSuccess: onClose })
  }
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        <TextInput
          label="Flow name"
          required
          maxLength={200}
          dir="auto"
          data-autofocus
          value={name}
          error={nameFault}
          onChange={(event) => {
            update.reset()
            setName(event.currentTarget.value)
          }}
        />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          maxRows={8}
          maxLength={2000}
          dir="auto"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <ScheduleSelect value={scheduleMinutes} onChange={setSchedule} />
        {update.error !== null && nameRefusal(update.error) === null && <ProblemAlert error={update.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={update.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function nameRefusal(error: Error | null): string | null {
  return error instanceof ApiError && error.code === 'name_taken' ? error.problem.detail : null
}
