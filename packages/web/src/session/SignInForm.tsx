import { type CallOutput, type Endpoints, signInSchema } from '@latchwork/contract'
import { TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { z } from 'zod'
import { api } from '../api/client.ts'
import { EntryForm } from '../ui/EntryForm.tsx'
import { SecretInput } from '../ui/SecretInput.tsx'
import { useFields } from '../ui/useFields.ts'
import { PasskeySignIn } from './PasskeySignIn.tsx'

/** Where a person begins to type. A dialog looks for the mark alone, whatever its value. */
const first = { 'data-autofocus': true, autoFocus: true }

const labels = { email: 'Email', password: 'Password' }

interface SignInFormProps {
  /** Whom it is meant for, where that is known. */
  email?: string
  /** Above the fields. */
  note?: ReactNode
  onSignedIn(session: CallOutput<Endpoints['session']['signIn']>): void
}

/** Email and password, or a passkey. */
export function SignInForm({ email = '', note, onSignedIn }: SignInFormProps) {
  const signIn = useMutation({
    mutationFn: (body: z.infer<typeof signInSchema>) => api.session.signIn({ body }),
    onSuccess: (session) => {
      clear()
      onSignedIn(session)
    },
  })
  const { field, onSubmit, clear } = useFields({
    schema: signInSchema,
    labels,
    initial: { email },
    error: signIn.error,
  })
  return (
    <>
      <EntryForm label="Sign in" work={signIn} onSubmit={onSubmit(signIn.mutate)} note={note}>
        <TextInput
          {...field('email')}
          type="email"
          autoComplete="username"
          {...(email === '' ? first : {})}
        />
        <SecretInput
          {...field('password')}
          autoComplete="current-password"
          {...(email === '' ? {} : first)}
        />
      </EntryForm>
      <PasskeySignIn onSignedIn={onSignedIn} />
    </>
  )
}
