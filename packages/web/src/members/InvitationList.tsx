import { Button, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import classes from './members.module.css'
import { invitationsQuery, memberKeys } from './queries.ts'

/** Invitations that nobody has accepted yet; nothing when there are none. */
export function InvitationList() {
  const { data, error } = useQuery(invitationsQuery)
  const client = useQueryClient()
  const takeBack = useMutation({
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
      {takeBack.isError && <ProblemAlert error={takeBack.error} />}
      <ul className={classes['people']} aria-label="Invitations">
        {data.map((invitation) => (
          <li key={invitation.id}>
            <div>
              {invitation.email}
              <Text size="xs" c="dimmed">
                {invitation.role === 'admin' ? 'As an administrator' : 'As a member'}, by{' '}
                <bdi>{invitation.invitedBy.name}</bdi>, expires <TimeAgo at={invitation.expiresAt} />
              </Text>
            </div>
            <Button
              variant="default"
              size="xs"
              aria-label={`Take back the invitation of ${invitation.email}`}
              onClick={() => takeBack.mutate(invitation.id)}
            >
              Take back
            </Button>
          </li>
        ))}
      </ul>
    </>
  )
}
