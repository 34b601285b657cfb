import { nameSchema } from '@latchwork/contract'
import { Select, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import { api } from '../api/client.ts'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { ShownOnce } from '../ui/ShownOnce.tsx'
import { useFields } from '../ui/useFields.ts'
import { tokensKey } from './queries.ts'

const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: 'none', label: 'Never' },
]

interface NewTokenProps {
  opened: boolean
  onClose(): void
}

/** Makes a token and shows it, this once. */
export function NewToken({ opened, onClose }: NewTokenProps) {
  // A click beside the dialog must not lose a token that is shown only once.
  return (
    <Dialog opened={opened} onClose={onClose} title="New API token" closeOnClickOutside={false}>
      <TokenForm onClose={onClose} />
    </Dialog>
  )
}

const schema = z.object({ name: nameSchema })

function TokenForm({ onClose }: Pick<NewTokenProps, 'onClose'>) {
  const client = useQueryClient()
  const [lifetime, setLifetime] = useState('90')
  const make = useMutation({
    mutationFn: ({ name }: z.infer<typeof schema>) =>
      api.tokens.create({ body: { name, expiresInDays: lifetime === 'none' ? null : Number(lifetime) } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: tokensKey }),
  })
  const { field, onSubmit } = useFields({ schema, labels: { name: 'Name' }, error: make.error })
  if (make.data !== undefined) {
    return (
      <ShownOnce
        label="Token"
        value={make.data.secret}
        message="Copy the token now. It is shown only this once."
        onClose={onClose}
      />
    )
  }
  return (
    <form onSubmit={onSubmit((typed) => make.mutate(typed))} noValidate>
      <Stack gap="md">
        {make.isError && <ProblemAlert error={make.error} />}
        <TextInput
          {...field('name')}
          description="What will use it, for example nightly export."
          data-autofocus
          dir="auto"
        />
        <Select
          label="Expires after"
          data={lifetimes}
          allowDeselect={false}
          value={lifetime}
          onChange={(value) => value !== null && setLifetime(value)}
        />
        <FormButtons label="Make the token" busy={make.isPending} onCancel={onClose} />
      </Stack>
    </form>
  )
}
