import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { sessionKey } from '../api/session-query.ts'

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
