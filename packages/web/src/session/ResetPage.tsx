import { passwordSchema } from '@latchwork/contract'
import { Text, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { z } from 'zod'
import { api } from '../api/client.ts'
import { EntryForm } from '../ui/EntryForm.tsx'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { SecretInput } from '../ui/SecretInput.tsx'
import { useFields } from '../ui/useFields.ts'
import { useEnter } from './useEnter.ts'

const schema = z.object({ password: passwordSchema })

/** Where the link for a new password leads: takes the password and signs in. */
export function ResetPage() {
  const { token = '' } = useSearch({ from: '/reset' })
  const enter = useEnter('/settings')
  const link = useQuery({
    queryKey: ['password-reset', token],
    queryFn: () => api.passwordResets.look({ body: { token } }),
    retry: false,
    // Once it is used there is nothing to look at.
    staleTime: Number.POSITIVE_INFINITY,
  })
  const reset = useMutation({
    mutationFn: ({ password }: z.infer<typeof schema>) =>
      api.passwordResets.accept({ body: { token, password } }),
    onSuccess: enter,
  })
  const { field, onSubmit } = useFields({
    schema,
    labels: { password: 'New password' },
    error: reset.error,
  })
  return (
    <EntryFrame
      title="Choose a new password"
      description="You are then signed in here and signed out everywhere else."
    >
      {link.isError && <ProblemAlert error={link.error} />}
      {link.data !== undefined && (
        <EntryForm
          label="Save and sign in"
          work={reset}
          onSubmit={onSubmit(reset.mutate)}
          note={
            <>
              <Text c="dimmed">
                <bdi>{link.data.madeBy ?? "Somebody on the server's machine"}</bdi> made this link for you.
              </Text>
              {link.data.passkeys > 0 && (
                <Notice
                  tone="neutral"
                  message="Your passkeys go on working. If somebody else may have one of them, remove it in Settings afterwards."
                />
              )}
            </>
          }
        >
          <TextInput label="Email" value={link.data.email} readOnly autoComplete="username" />
          <SecretInput
            {...field('password')}
            autoComplete="new-password"
            autoFocus
            description="At least 12 characters."
          />
        </EntryForm>
      )}
    </EntryFrame>
  )
}
