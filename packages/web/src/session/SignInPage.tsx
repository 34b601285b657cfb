import { type CallOutput, type Endpoints, signInSchema } from '@latchwork/contract'
import { Button, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api } from '../api/client.ts'
import { sessionKey, sessionQuery } from '../api/session-query.ts'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { faultSentence } from '../ui/field-rules.ts'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { SecretInput } from '../ui/SecretInput.tsx'
import { PasskeySignIn } from './PasskeySignIn.tsx'
import { pathWithin } from './path-within.ts'

/** Sign in, and back to where one was. */
export function SignInPage() {
  const { next } = useSearch({ from: '/sign-in' })
  const router = useRouter()
  const client = useQueryClient()
  const session = useQuery(sessionQuery)
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [faults, setFaults] = useState<{ email?: string; password?: string }>({})
  const goOn = (answer: CallOutput<Endpoints['session']['signIn']>) => {
    setPassword('')
    client.setQueryData(sessionKey, answer)
    router.history.replace(pathWithin(next))
  }
  const signIn = useMutation({
    mutationFn: () => api.session.signIn({ body: { email, password } }),
    onSuccess: goOn,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const emailFault = signInSchema.shape.email.safeParse(email).error?.issues[0]?.message
    const found = {
      ...(email.trim() === ''
        ? { email: 'Email is required.' }
        : emailFault === undefined
          ? {}
          : { email: faultSentence('Email', emailFault) }),
      ...(password === '' ? { password: 'Password is required.' } : {}),
    }
    setFaults(found)
    if (Object.keys(found).length === 0) signIn.mutate()
  }
  return (
    <EntryFrame title="Sign in" description="To your team's Latchwork.">
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {session.data?.needsSetup === true && (
            <Notice
              tone="neutral"
              message="Nobody can sign in yet. Open the set-up link printed in the server's log to make the administrator."
            />
          )}
          {session.isError && <ProblemAlert error={session.error} />}
          {signIn.isError && <ProblemAlert error={signIn.error} />}
          <TextInput
            label="Email"
            type="email"
            name="email"
            autoComplete="username"
            autoFocus
            required
            value={email}
            error={faults.email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <SecretInput
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            value={password}
            error={faults.password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={signIn.isPending} fullWidth mt="sm">
            Sign in
          </Button>
        </Stack>
      </form>
      <PasskeySignIn onSignedIn={goOn} />
    </EntryFrame>
  )
}
