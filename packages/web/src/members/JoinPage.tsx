import { ApiError, invitationAcceptSchema } from '@latchwork/contract'
import { Button, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api } from '../api/client.ts'
import { sessionKey } from '../api/session-query.ts'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { faultSentence } from '../ui/field-rules.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { SecretInput } from '../ui/SecretInput.tsx'

const labels = { name: 'Name', password: 'Password' } as const
type Field = keyof typeof labels

function faultOf(field: Field, value: string): string | undefined {
  if (value.trim() === '') return `${labels[field]} is required.`
  const issue = invitationAcceptSchema.shape[field].safeParse(value).error?.issues[0]
  return issue === undefined ? undefined : faultSentence(labels[field], issue.message)
}

/** Where an invitation's link leads: makes the account and signs in. */
export function JoinPage() {
  const { token = '' } = useSearch({ from: '/join' })
  const navigate = useNavigate()
  const client = useQueryClient()
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => api.invitations.look({ body: { token } }),
    retry: false,
  })
  const [values, setValues] = useState({ name: '', password: '' })
  const [left, setLeft] = useState<ReadonlySet<Field>>(new Set())
  const join = useMutation({
    mutationFn: () => api.invitations.accept({ body: { token, ...values } }),
    onSuccess: async (session) => {
      client.clear() // whoever was signed in here before sees other things
      client.setQueryData(sessionKey, session)
      await navigate({ to: '/flows', replace: true })
    },
  })
  const refused = join.error instanceof ApiError ? join.error.problem : null
  const field = (name: Field) => ({
    label: labels[name],
    name,
    required: true,
    value: values[name],
    error:
      (left.has(name) ? faultOf(name, values[name]) : undefined) ??
      refused?.errors?.find((fault) => fault.field === name)?.message,
    onBlur: () => values[name] !== '' && setLeft(new Set([...left, name])),
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setValues((current) => ({ ...current, [name]: value })),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setLeft(new Set(['name', 'password']))
    if ((['name', 'password'] as const).every((name) => faultOf(name, values[name]) === undefined))
      join.mutate()
  }
  return (
    <EntryFrame
      title="Join Latchwork"
      description="Make your account with the invitation that you were sent."
    >
      {invitation.isError && <ProblemAlert error={invitation.error} />}
      {invitation.data !== undefined && (
        <form onSubmit={submit} noValidate>
          <Stack gap="md">
            {invitation.data.invitedBy !== '' && (
              <Text c="dimmed">
                <bdi>{invitation.data.invitedBy}</bdi> invited you.
              </Text>
            )}
            {join.isError && <ProblemAlert error={join.error} />}
            <TextInput label="Email" value={invitation.data.email} readOnly autoComplete="username" />
            <TextInput {...field('name')} autoComplete="name" autoFocus dir="auto" />
            <SecretInput
              {...field('password')}
              autoComplete="new-password"
              description="At least 12 characters."
            />
            <Button type="submit" loading={join.isPending} fullWidth mt="sm">
              Join
            </Button>
          </Stack>
        </form>
      )}
    </EntryFrame>
  )
}
