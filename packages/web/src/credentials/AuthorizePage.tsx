import { Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { useMe } from '../api/session-query.ts'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { IdentityLine } from './AccountChange.tsx'
import { AuthorizationConsent } from './AuthorizationConsent.tsx'
import { rememberDeparture } from './oauth-windows.ts'
import { outcomeReason } from './outcome.ts'
import { authorizationQuery, credentialQuery } from './queries.ts'

/**
 * Where the link that a terminal prints leads: says whose credential waits, who asked and for which application, begins
 * the authorization in this browser, which must also end it, and says how it ended. Nothing begins without a click, since
 * anybody can send anybody a link; and nothing in another's credential without having said that one knows whose it is.
 */
export function AuthorizePage() {
  const { credentialId } = useParams({ from: '/authorize/$credentialId' })
  const { result } = useSearch({ from: '/authorize/$credentialId' })
  const me = useMe()
  const credential = useQuery(credentialQuery(credentialId))
  const metadata = useQuery(authorizationQuery(credentialId))
  const begin = useMutation({
    mutationFn: async (confirmed: { confirmIdentityChange: boolean; confirmOwner: string | undefined }) => {
      const returnTo = `/authorize/${encodeURIComponent(credentialId)}`
      const { authorizeUrl } = await api.credentials.authorize({
        params: { id: credentialId },
        body: { display: 'page', returnTo, ...confirmed },
      })
      rememberDeparture(credentialId, returnTo)
      window.location.assign(authorizeUrl)
    },
  })
  if (result === 'ok') {
    return (
      <EntryFrame
        title="Access was granted"
        description="Go back to the terminal. It goes on by itself. You can close this window."
      >
        {credential.data?.identity != null && (
          <Text>
            <IdentityLine identity={credential.data.identity} />
          </Text>
        )}
      </EntryFrame>
    )
  }
  const reason = result === undefined ? null : outcomeReason(result, credential.data ?? null)
  const other = reason?.code === 'identity_changed'
  const error = metadata.error ?? credential.error
  return (
    <EntryFrame title="Authorize a credential" description="Check whose credential this is before you go on.">
      <Stack gap="md">
        {error !== null && <ProblemAlert error={error} />}
        {begin.isError && <ProblemAlert error={begin.error} />}
        {reason !== null && <Notice tone="bad" message={reason.message} code={reason.code} />}
        {credential.data !== undefined && metadata.data !== undefined && (
          <AuthorizationConsent
            {...{ credential: credential.data, metadata: metadata.data }}
            isMine={metadata.data.owner.id === me?.id}
            isBusy={begin.isPending}
            label={other ? 'Use the other account' : 'Go on to grant access'}
            onBegin={(confirmOwner) => begin.mutate({ confirmIdentityChange: other, confirmOwner })}
          />
        )}
      </Stack>
    </EntryFrame>
  )
}
