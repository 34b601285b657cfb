import { Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { Row, RowButton, Rows } from '../ui/lists.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { TimeUntil } from '../ui/TimeAgo.tsx'
import { invitationsQuery, memberKeys } from './queries.ts'

/** Invitations that nobody has accepted yet; nothing when there are none. */
export function InvitationList() {
  const { data, error } = useQuery(invitationsQuery)
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: (id: string) => api.invitations.delete({ params: { id } }),
    onSettled: () => client.invalidateQueries({ queryKey: memberKeys.invitations }),
  })
  if (error !== null) return <ProblemAlert error={error} />
  if (data === undefined || data.length === 0) return null
  return (
    <>
      <Title order={3} size="h4" mt="lg" mb="xs">
        Invited
      </Title>
      {revoke.isError && <ProblemAlert error={revoke.error} />}
      <Rows label="Invitations">
        {data.map((invitation) => (
          <Row
            key={invitation.id}
            name={invitation.email}
            detail={
              <>
                {invitation.role === 'admin' ? 'As an administrator' : 'As a member'}, by{' '}
                <bdi>{invitation.invitedBy.name}</bdi>, expires <TimeUntil at={invitation.expiresAt} />
              </>
            }
          >
            <RowButton
              label={`Revoke the invitation of ${invitation.email}`}
              onClick={() => revoke.mutate(invitation.id)}
            >
              Revoke
            </RowButton>
          </Row>
        ))}
      </Rows>
    </>
  )
}
