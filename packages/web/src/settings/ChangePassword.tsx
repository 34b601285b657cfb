import { passwordSchema } from '@latchwork/contract'
import { Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { api } from '../api/client.ts'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { SecretInput } from '../ui/SecretInput.tsx'
import { useFields } from '../ui/useFields.ts'
import { CurrentPassword, currentPasswordLabel, useProvenByPasskey } from './CurrentPassword.tsx'
import { signInsKey } from './queries.ts'

interface ChangePasswordProps {
  email: string
  opened: boolean
  onClose(): void
}

/** Asks for the current password and a new one. */
export function ChangePassword({ opened, onClose, email }: ChangePasswordProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Change your password">
      <PasswordForm email={email} onClose={onClose} />
    </Dialog>
  )
}

const schema = z.object({ currentPassword: z.string(), newPassword: passwordSchema })

function PasswordForm({ email, onClose }: Omit<ChangePasswordProps, 'opened'>) {
  const client = useQueryClient()
  const isProven = useProvenByPasskey()
  const change = useMutation({
    mutationFn: ({ currentPassword, newPassword }: z.infer<typeof schema>) =>
      api.profile.password({
        body: { currentPassword: isProven ? null : currentPassword, newPassword },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: signInsKey })
      notifications.show({ message: 'Your password was changed. You are signed out everywhere else.' })
      onClose()
    },
  })
  const { field, onSubmit } = useFields({
    schema,
    labels: { newPassword: 'New password', ...(isProven ? {} : currentPasswordLabel) },
    error: change.error,
  })
  return (
    <form onSubmit={onSubmit((typed) => change.mutate(typed))} noValidate>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          All your other browsers and terminals are signed out. API tokens of programs and passkeys stay.
        </Text>
        {change.isError && <ProblemAlert error={change.error} />}
        {/* For password managers, which store a password under an address. */}
        <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
        {!isProven && <CurrentPassword {...field('currentPassword')} />}
        <SecretInput
          {...field('newPassword')}
          autoComplete="new-password"
          description="At least 12 characters."
          data-autofocus={isProven || undefined}
        />
        <FormButtons label="Change it" busy={change.isPending} onCancel={onClose} />
      </Stack>
    </form>
  )
}
