import { ApiError, setupSchema } from '@latchwork/contract'
import { Anchor, Button, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api } from '../api/client.ts'
import { sessionKey } from '../api/session-query.ts'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { faultSentence } from '../ui/field-rules.ts'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { SecretInput } from '../ui/SecretInput.tsx'

const labels = { name: 'Name', email: 'Email', password: 'Password' } as const
type Field = keyof typeof labels

function faultOf(field: Field, value: string): string | undefined {
  if (value.trim() === '') return `${labels[field]} is required.`
  const issue = setupSchema.shape[field].safeParse(value).error?.issues[0]
  return issue === undefined ? undefined : faultSentence(labels[field], issue.message)
}

/** First start: makes the administrator, by the link that the server printed. */
export function SetupPage() {
  const { token } = useSearch({ from: '/setup' })
  const navigate = useNavigate()
  const client = useQueryClient()
  const [values, setValues] = useState({ name: '', email: '', password: '' })
  const [left, setLeft] = useState<ReadonlySet<Field>>(new Set())
  const setup = useMutation({
    mutationFn: () => api.session.setup({ body: { token: token ?? '', ...values } }),
    onSuccess: async (session) => {
      setValues({ name: '', email: '', password: '' })
      client.setQueryData(sessionKey, session)
      await navigate({ to: '/flows', replace: true })
    },
  })
  const refused = setup.error instanceof ApiError ? setup.error.problem : null
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
    setLeft(new Set(['name', 'email', 'password']))
    if ((['name', 'email', 'password'] as const).every((name) => faultOf(name, values[name]) === undefined))
      setup.mutate()
  }
  return (
    <EntryFrame
      title="Make the administrator"
      description="The first account of this Latchwork. It may do everything; more people can be added later."
    >
      {token === undefined || token === '' ? (
        <Notice
          tone="warning"
          message="This address has no set-up link in it. Open the whole link printed in the server's log."
        />
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack gap="md">
            {setup.isError && (
              <ProblemAlert error={setup.error}>
                {refused?.code === 'setup_done' && (
                  <Anchor component={Link} to="/sign-in">
                    Sign in
                  </Anchor>
                )}
              </ProblemAlert>
            )}
            <TextInput {...field('name')} autoComplete="name" autoFocus dir="auto" />
            <TextInput {...field('email')} type="email" autoComplete="username" />
            <SecretInput
              {...field('password')}
              autoComplete="new-password"
              description={
                faultOf('password', values.password) !== undefined && left.has('password')
                  ? null
                  : 'At least 12 characters.'
              }
            />
            <Button type="submit" loading={setup.isPending} fullWidth mt="sm">
              Make the administrator
            </Button>
          </Stack>
        </form>
      )}
    </EntryFrame>
  )
}
