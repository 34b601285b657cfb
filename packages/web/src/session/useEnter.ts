import type { CallOutput, Endpoints } from '@latchwork/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { sessionKey } from '../api/session-query.ts'

type Session = CallOutput<Endpoints['session']['signIn']>

/** What follows after a link has signed a person in. */
export function useEnter(to: '/flows' | '/settings') {
  const client = useQueryClient()
  const navigate = useNavigate()
  return async (session: Session) => {
    client.clear() // somebody else may have been signed in here before
    client.setQueryData(sessionKey, session)
    await navigate({ to, replace: true })
  }
}

/** Ends the session and forgets everything that was shown. */
export function useSignOut() {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: () => api.session.signOut(),
    onSuccess: async () => {
      client.setQueryData(sessionKey, { user: null, needsSetup: false })
      await navigate({ to: '/sign-in' })
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })
    },
  })
}
