import { type CallOutput, type Endpoints, signInSchema } from '@latchwork/contract'
import { TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import type { z } from 'zod'
import { api } from '../api/client.ts'
import { sessionKey, sessionQuery } from '../api/session-query.ts'
import { EntryForm } from '../ui/EntryForm.tsx'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { SecretInput } from '../ui/SecretInput.tsx'
import { useFields } from '../ui/useFields.ts'
import { PasskeySignIn } from './PasskeySignIn.tsx'
import { pathWithin } from './path-within.ts'

const labels = { email: 'Email', password: 'Password' }

/** Signs in, and returns to the previous place. */
export function SignInPage() {
  const { next } = useSearch({ from: '/sign-in' })
  const router = useRouter()
  const client = useQueryClient()
  const session = useQuery(sessionQuery)
  const goOn = (answer: CallOutput<Endpoints['session']['signIn']>) => {
    clear()
    client.setQueryData(sessionKey, answer)
    router.history.replace(pathWithin(next))
  }
  const signIn = useMutation({
    mutationFn: (body: z.infer<typeof signInSchema>) => api.session.signIn({ body }),
    onSuccess: goOn,
  })
  const { field, onSubmit, clear } = useFields({ schema: signInSchema, labels, error: signIn.error })
  return (
    <EntryFrame title="Sign in" description="To your team's Latchwork.">
      <EntryForm
        label="Sign in"
        work={signIn}
        onSubmit={onSubmit(signIn.mutate)}
        note={
          <>
            {session.data?.needsSetup === true && (
              <Notice
                tone="neutral"
                message="Nobody can sign in yet. Open the set-up link printed in the server's log to make the administrator."
              />
            )}
            {session.isError && <ProblemAlert error={session.error} />}
          </>
        }
      >
        <TextInput {...field('email')} type="email" autoComplete="username" autoFocus />
        <SecretInput {...field('password')} autoComplete="current-password" />
      </EntryForm>
      <PasskeySignIn onSignedIn={goOn} />
    </EntryFrame>
  )
}
