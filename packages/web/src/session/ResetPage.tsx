import { passwordSchema } from '@latchwork/contract'
import { Button, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api } from '../api/client.ts'
import { sessionKey } from '../api/session-query.ts'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { faultSentence } from '../ui/field-rules.ts'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { SecretInput } from '../ui/SecretInput.tsx'

/** Where the link for a new password leads: takes the password and signs in. */
export function ResetPage() {
  const { token = '' } = useSearch({ from: '/reset' })
  const navigate = useNavigate()
  const client = useQueryClient()
  const [password, setPassword] = useState('')
  const [fault, setFault] = useState<string>()
  const link = useQuery({
    queryKey: ['password-reset', token],
    queryFn: () => api.passwordResets.look({ body: { token } }),
    retry: false,
    // Once it is used there is nothing to look at.
    staleTime: Number.POSITIVE_INFINITY,
  })
  const reset = useMutation({
    mutationFn: () => api.passwordResets.accept({ body: { token, password } }),
    onSuccess: async (session) => {
      client.clear() // whoever was signed in here before sees other things
      client.setQueryData(sessionKey, session)
      await navigate({ to: '/settings', replace: true })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const issue = passwordSchema.safeParse(password).error?.issues[0]
    setFault(issue && faultSentence('New password', password === '' ? 'is required' : issue.message))
    if (issue === undefined) reset.mutate()
  }
  return (
    <EntryFrame
      title="Choose a new password"
      description="Then you are signed in here, and signed out everywhere else."
    >
      {link.isError && <ProblemAlert error={link.error} />}
      {link.data !== undefined && (
        <form onSubmit={submit} noValidate>
          <Stack gap="md">
            <Text c="dimmed">
              <bdi>{link.data.madeBy ?? "Somebody on the server's machine"}</bdi> made this link for you.
            </Text>
            {link.data.passkeys > 0 && (
              <Notice
                tone="neutral"
                message="Your passkeys go on working. If somebody else may have one of them, remove it in Settings afterwards."
              />
            )}
            {reset.isError && <ProblemAlert error={reset.error} />}
            <TextInput label="Email" value={link.data.email} readOnly autoComplete="username" />
            <SecretInput
              label="New password"
              name="password"
              autoComplete="new-password"
              autoFocus
              required
              description="At least 12 characters."
              value={password}
              error={fault}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" loading={reset.isPending} fullWidth mt="sm">
              Save and sign in
            </Button>
          </Stack>
        </form>
      )}
    </EntryFrame>
  )
}
