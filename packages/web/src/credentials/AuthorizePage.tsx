import { Button, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { api } from '../app/api.ts'
import { EntryFrame } from '../app/EntryFrame.tsx'
import { Notice, ProblemAlert } from '../app/ProblemAlert.tsx'
import { IdentityLine } from './IdentityLine.tsx'
import { rememberDeparture } from './oauth-channel.ts'
import { outcomeReason } from './outcome.ts'
import { credentialQuery } from './queries.ts'

/**
 * Where the link that a terminal prints leads: begins the authorization in this browser, which must also end it, and
 * says how it ended. Nothing begins without a click, since anybody can send anybody a link.
 */
export function AuthorizePage() {
  const { credentialId } = useParams({ from: '/authorize/$credentialId' })
  const { result } = useSearch({ from: '/authorize/$credentialId' })
  const credential = useQuery(credentialQuery(credentialId))
  const begin = useMutation({
    mutationFn: async (confirmIdentityChange: boolean) => {
      const returnTo = `/authorize/${encodeURIComponent(credentialId)}`
      const { authorizeUrl } = await api.credentials.authorize({
        params: { id: credentialId },
        body: { display: 'page', returnTo, confirmIdentityChange },
      })
      rememberDeparture(credentialId, returnTo)
      window.location.assign(authorizeUrl)
    },
  })
  if (result === 'ok') {
    return (
      <EntryFrame
        title="Access was granted"
        description="Go back to the terminal, which goes on by itself. You can close this window."
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
  return (
    <EntryFrame title="Authorize a credential" description="A terminal of yours asks for this.">
      <Stack gap="md">
        {credential.isError && <ProblemAlert error={credential.error} />}
        {begin.isError && <ProblemAlert error={begin.error} />}
        {reason !== null && <Notice tone="bad" message={reason.message} code={reason.code} />}
        {credential.data !== undefined && (
          <>
            <Text>
              {credential.data.name === '' ? (
                'A new credential'
              ) : (
                <strong dir="auto">{credential.data.name}</strong>
              )}{' '}
              waits for access through the OAuth app <code>{credential.data.values['clientId'] ?? ''}</code>.
              On the next page, choose the organization and allow it.
            </Text>
            <Button loading={begin.isPending} onClick={() => begin.mutate(other)}>
              {other ? 'Use the other account' : 'Go on to grant access'}
            </Button>
          </>
        )}
      </Stack>
    </EntryFrame>
  )
}
