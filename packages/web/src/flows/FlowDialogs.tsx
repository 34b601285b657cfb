import { ApiError, type Flow } from '@latchwork/contract'
import { Stack, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { patchOf } from '../api/patch.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { DescriptionField } from '../ui/DescriptionField.tsx'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { useDeleteFlow, useUpdateFlow } from './queries.ts'
import { ScheduleQuestion, ScheduleSelect } from './Schedule.tsx'
import { questionOf } from './useRunAsking.tsx'
import { scheduleFault } from './words.ts'

interface FlowDialogProps {
  /** Null while no flow was ever chosen: the dialog is closed then. */
  flow: Flow | null
  opened: boolean
  onClose(): void
}

/** Changes a flow's name, description and schedule. */
export function EditFlow({ flow, opened, onClose }: FlowDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Edit flow" size={520}>
      {flow !== null && <EditForm key={flow.id} flow={flow} onClose={onClose} />}
    </Dialog>
  )
}

function EditForm({ flow, onClose }: { flow: Flow; onClose(): void }) {
  /** Another's change that arrives meanwhile is no part of what this person saw. */
  const [seen] = useState(flow)
  const [name, setName] = useState(flow.name)
  const [description, setDescription] = useState(flow.description)
  const [schedule, setSchedule] = useState(flow.schedule)
  const update = useUpdateFlow(flow.id)
  const nameFault = name.trim() === '' ? 'The name is required.' : nameRefusal(update.error)
  const question = questionOf(update.error)
  const change = patchOf(seen, { name, description, schedule })
  const save = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() === '' || scheduleFault(schedule) !== null) return
    update.mutate(change, { onSuccess: onClose })
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
        <DescriptionField value={description} onChange={setDescription} />
        <ScheduleSelect value={schedule} onChange={setSchedule} />
        {update.error !== null && nameRefusal(update.error) === null && question === null && (
          <ProblemAlert error={update.error} />
        )}
        <FormButtons label="Save" busy={update.isPending} onCancel={onClose} />
        <ScheduleQuestion
          question={question}
          onCancel={update.reset}
          onConfirm={() => update.mutate({ ...change, again: true }, { onSuccess: onClose })}
        />
      </Stack>
    </form>
  )
}

function nameRefusal(error: Error | null): string | null {
  return error instanceof ApiError && error.code === 'name_taken' ? error.problem.detail : null
}

/** Asks before a flow is deleted, and says why it can't be. */
export function DeleteFlow({ flow, opened, onClose }: FlowDialogProps) {
  const remove = useDeleteFlow()
  const navigate = useNavigate()
  return (
    <ConfirmDialog
      opened={opened}
      title="Delete this flow?"
      confirmLabel="Delete flow"
      danger
      work={remove}
      onCancel={onClose}
      onConfirm={() => {
        if (flow === null) return
        remove.mutate(flow.id, {
          onSuccess: () => {
            onClose()
            void navigate({ to: '/flows' })
          },
        })
      }}
    >
      <strong dir="auto">{flow?.name}</strong> and the history of its runs are deleted. Its data source and
      data destination stay, and so does everything that it has written.
    </ConfirmDialog>
  )
}
