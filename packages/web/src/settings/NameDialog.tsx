import { nameSchema, type Rename } from '@latchwork/contract'
import { Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { useFields } from '../ui/useFields.ts'

interface NameDialogProps {
  title: string
  name: string
  opened: boolean
  onClose(): void
  save(body: Rename): Promise<unknown>
  onSaved(): Promise<unknown>
}

/** Asks for the new name of something. */
export function NameDialog({ title, opened, ...form }: NameDialogProps) {
  return (
    <Dialog opened={opened} onClose={form.onClose} title={title}>
      <NameForm {...form} />
    </Dialog>
  )
}

const schema = z.object({ name: nameSchema })

function NameForm({ name, save, onSaved, onClose }: Omit<NameDialogProps, 'title' | 'opened'>) {
  /** Another's change that arrives meanwhile is no part of what this person saw. */
  const [was] = useState({ name })
  const rename = useMutation({
    mutationFn: save,
    onSuccess: async () => {
      await onSaved()
      onClose()
    },
  })
  const { field, onSubmit } = useFields({
    schema,
    labels: { name: 'Name' },
    initial: { name },
    error: rename.error,
  })
  return (
    <form onSubmit={onSubmit((typed) => rename.mutate({ ...typed, was }))} noValidate>
      <Stack gap="md">
        {rename.isError && <ProblemAlert error={rename.error} />}
        <TextInput {...field('name')} data-autofocus dir="auto" />
        <FormButtons label="Save" busy={rename.isPending} onCancel={onClose} />
      </Stack>
    </form>
  )
}
