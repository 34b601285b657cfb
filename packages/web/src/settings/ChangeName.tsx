import { nameSchema } from '@latchwork/contract'
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api } from '../api/client.ts'
import { sessionKey } from '../api/session-query.ts'
import { memberKeys } from '../members/queries.ts'
import { faultSentence } from '../ui/field-rules.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'

interface ChangeNameProps {
  name: string
  opened: boolean
  onClose(): void
}

/** Asks for one's new name. */
export function ChangeName({ name, opened, onClose }: ChangeNameProps) {
  const client = useQueryClient()
  return (
    <NameDialog
      title="Change your name"
      label="Name"
      name={name}
      opened={opened}
      onClose={onClose}
      save={(body) => api.account.rename({ body })}
      onSaved={async () => {
        await client.invalidateQueries({ queryKey: sessionKey })
        await client.invalidateQueries({ queryKey: memberKeys.all })
      }}
    />
  )
}

interface NameDialogProps extends ChangeNameProps {
  title: string
  label: string
  save(body: { name: string }): Promise<unknown>
  onSaved(): Promise<unknown>
}

/** Asks for the new name of something. */
export function NameDialog({ title, opened, onClose, ...rest }: NameDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered>
      <Content onClose={onClose} {...rest} />
    </Modal>
  )
}

function Content({ name, label, save, onSaved, onClose }: Omit<NameDialogProps, 'title' | 'opened'>) {
  const [value, setValue] = useState(name)
  const [fault, setFault] = useState<string>()
  const rename = useMutation({
    mutationFn: () => save({ name: value }),
    onSuccess: async () => {
      await onSaved()
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const issue = nameSchema.safeParse(value).error?.issues[0]
    setFault(issue && faultSentence(label, value.trim() === '' ? 'is required' : issue.message))
    if (issue === undefined) rename.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {rename.isError && <ProblemAlert error={rename.error} />}
        <TextInput
          label={label}
          required
          data-autofocus
          dir="auto"
          value={value}
          error={fault}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={rename.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
