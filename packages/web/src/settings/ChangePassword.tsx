import { passwordSchema } from '@latchwork/contract'
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api } from '../api/client.ts'
import { faultSentence } from '../ui/field-rules.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { SecretInput } from '../ui/SecretInput.tsx'
import { CurrentPassword, useProvenByPasskey } from './CurrentPassword.tsx'
import { signInsKey } from './queries.ts'

interface ChangePasswordProps {
  email: string
  opened: boolean
  onClose(): void
}

/** Asks for the current password and a new one. */
export function ChangePassword({ opened, onClose, email }: ChangePasswordProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Change your password" centered>
      <Content email={email} onClose={onClose} />
    </Modal>
  )
}

function Content({ email, onClose }: Omit<ChangePasswordProps, 'opened'>) {
  const client = useQueryClient()
  const isProven = useProvenByPasskey()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [faults, setFaults] = useState<{ current?: string; next?: string }>({})
  const change = useMutation({
    mutationFn: () =>
      api.account.password({
        body: { currentPassword: isProven ? null : current, newPassword: next },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: signInsKey })
      notifications.show({ message: 'Your password was changed. You are signed out everywhere else.' })
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const issue = passwordSchema.safeParse(next).error?.issues[0]
    const found = {
      ...(isProven || current !== '' ? {} : { current: 'Current password is required.' }),
      ...(issue === undefined
        ? {}
        : { next: faultSentence('New password', next === '' ? 'is required' : issue.message) }),
    }
    setFaults(found)
    if (Object.keys(found).length === 0) change.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          All your other browsers and terminals are signed out. API tokens of programs and passkeys stay.
        </Text>
        {change.isError && <ProblemAlert error={change.error} />}
        {/* For password managers, which keep a password under an address. */}
        <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
        {!isProven && <CurrentPassword value={current} error={faults.current} onChange={setCurrent} />}
        <SecretInput
          label="New password"
          name="new-password"
          autoComplete="new-password"
          description="At least 12 characters."
          required
          data-autofocus={isProven || undefined}
          value={next}
          error={faults.next}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={change.isPending}>
            Change it
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
