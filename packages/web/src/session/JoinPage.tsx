import { invitationAcceptSchema } from '@latchwork/contract'
import { Text, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import type { z } from 'zod'
import { api } from '../api/client.ts'
import { EntryForm } from '../ui/EntryForm.tsx'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { SecretInput } from '../ui/SecretInput.tsx'
import { useFields } from '../ui/useFields.ts'
import { useEnter } from './useEnter.ts'

const schema = invitationAcceptSchema.omit({ token: true })
const labels = { name: 'Name', password: 'Password' }

/** Where an invitation's link leads: makes the member and signs in. */
export function JoinPage() {
  const { token = '' } = useSearch({ from: '/join' })
  const enter = useEnter('/flows')
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => api.invitations.look({ body: { token } }),
    retry: false,
  })
  const join = useMutation({
    mutationFn: (typed: z.infer<typeof schema>) => api.invitations.accept({ body: { token, ...typed } }),
    onSuccess: enter,
  })
  const { field, onSubmit } = useFields({ schema, labels, error: join.error })
  return (
    <EntryFrame title="Join Latchwork" description="Sign up with the invitation that you were sent.">
      {invitation.isError && <ProblemAlert error={invitation.error} />}
      {invitation.data !== undefined && (
        <EntryForm
          label="Join"
          work={join}
          onSubmit={onSubmit(join.mutate)}
          note={
            invitation.data.invitedBy !== '' && (
              <Text c="dimmed">
                <bdi>{invitation.data.invitedBy}</bdi> invited you.
              </Text>
            )
          }
        >
          <TextInput label="Email" value={invitation.data.email} readOnly autoComplete="username" />
          <TextInput {...field('name')} autoComplete="name" autoFocus dir="auto" />
          <SecretInput
            {...field('password')}
            autoComplete="new-password"
            description="At least 12 characters."
          />
        </EntryForm>
      )}
    </EntryFrame>
  )
}
