import { setupSchema } from '@latchwork/contract'
import { Anchor, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import type { z } from 'zod'
import { api } from '../api/client.ts'
import { EntryForm } from '../ui/EntryForm.tsx'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { Notice, problemOf } from '../ui/ProblemAlert.tsx'
import { SecretInput } from '../ui/SecretInput.tsx'
import { useFields } from '../ui/useFields.ts'
import { useEnter } from './useEnter.ts'

const schema = setupSchema.omit({ token: true })
const labels = { name: 'Name', email: 'Email', password: 'Password' }

/** First start: makes the administrator, by the link that the server printed. */
export function SetupPage() {
  const { token = '' } = useSearch({ from: '/setup' })
  const enter = useEnter('/flows')
  const setup = useMutation({
    mutationFn: (typed: z.infer<typeof schema>) => api.session.setup({ body: { token, ...typed } }),
    onSuccess: enter,
  })
  const { field, onSubmit } = useFields({ schema, labels, error: setup.error })
  const password = field('password')
  return (
    <EntryFrame
      title="Make the administrator"
      description="The first member of this Latchwork. They may do everything; more people can be added later."
    >
      {token === '' ? (
        <Notice
          tone="warning"
          message="This address has no set-up link in it. Open the whole link printed in the server's log."
        />
      ) : (
        <EntryForm
          label="Make the administrator"
          work={setup}
          onSubmit={onSubmit(setup.mutate)}
          help={
            problemOf(setup.error)?.code === 'setup_done' && (
              <Anchor component={Link} to="/sign-in">
                Sign in
              </Anchor>
            )
          }
        >
          <TextInput {...field('name')} autoComplete="name" autoFocus dir="auto" />
          <TextInput {...field('email')} type="email" autoComplete="username" />
          <SecretInput
            {...password}
            autoComplete="new-password"
            description={password.error === undefined && 'At least 12 characters.'}
          />
        </EntryForm>
      )}
    </EntryFrame>
  )
}
