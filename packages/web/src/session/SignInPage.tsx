import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { sessionKey, sessionQuery } from '../api/session-query.ts'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { pathWithin } from './path-within.ts'
import { SignInForm } from './SignInForm.tsx'

/** Signs in, and returns to the previous place. */
export function SignInPage() {
  const { next } = useSearch({ from: '/sign-in' })
  const router = useRouter()
  const client = useQueryClient()
  const session = useQuery(sessionQuery)
  return (
    <EntryFrame title="Sign in" description="To your team's Latchwork.">
      <SignInForm
        onSignedIn={(answer) => {
          client.setQueryData(sessionKey, answer)
          router.history.replace(pathWithin(next))
        }}
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
      />
    </EntryFrame>
  )
}
