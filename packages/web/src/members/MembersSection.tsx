import type { Member } from '@latchwork/contract'
import { Button, Group, NativeSelect, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconUserPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { useMe } from '../api/session-query.ts'
import { ErrorState } from '../ui/ErrorState.tsx'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { Section } from '../ui/Section.tsx'
import { InvitationList } from './InvitationList.tsx'
import { InviteDialog } from './InviteDialog.tsx'
import classes from './members.module.css'
import { memberKeys, membersQuery } from './queries.ts'
import { RemoveMember } from './RemoveMember.tsx'
import { ResetLink } from './ResetLink.tsx'

const roles = [
  { value: 'member', label: 'Member' },
  { value: 'admin', label: 'Administrator' },
]

/** The people of the workspace; administrators invite, change roles and remove. */
export function MembersSection() {
  const me = useMe()
  const isAdmin = me?.role === 'admin'
  const { data, error, refetch } = useQuery(membersQuery)
  const [inviting, invite] = useDisclosure(false)
  const [removing, setRemoving] = useState<Member | null>(null)
  const [resetting, setResetting] = useState<Member | null>(null)
  const client = useQueryClient()
  const change = useMutation({
    mutationFn: ({ id, role }: Pick<Member, 'id' | 'role'>) =>
      api.members.update({ params: { id }, body: { role } }),
    onSettled: () => client.invalidateQueries({ queryKey: memberKeys.all }),
  })
  return (
    <Section
      title="Members"
      description="Who may sign in. Administrators may do everything; members see what is theirs or shared with them."
      actions={
        isAdmin && (
          <Button
            variant="default"
            leftSection={<IconUserPlus size={16} aria-hidden />}
            onClick={invite.open}
          >
            Invite
          </Button>
        )
      }
    >
      {data === undefined && error === null && <ListSkeleton label="Loading the members" rows={2} />}
      {error !== null && (
        <ErrorState error={error} title="The members couldn't be loaded" onRetry={() => void refetch()} />
      )}
      {change.isError && <ProblemAlert error={change.error} />}
      <ul className={classes['people']} aria-label="Members">
        {data?.map((member) => (
          <li key={member.id}>
            <div>
              <Text fw={500} component="span">
                <bdi>{member.name}</bdi>
              </Text>
              {member.id === me?.id && ' (you)'}
              <Text size="xs" c="dimmed">
                {member.email}
              </Text>
            </div>
            {isAdmin ? (
              <Group gap="xs">
                <NativeSelect
                  aria-label={`Role of ${member.name}`}
                  data={roles}
                  value={member.role}
                  disabled={change.isPending}
                  onChange={(event) =>
                    change.mutate({
                      id: member.id,
                      role: event.currentTarget.value === 'admin' ? 'admin' : 'member',
                    })
                  }
                />
                {member.id !== me.id && (
                  <Button
                    variant="default"
                    size="xs"
                    aria-label={`New password for ${member.name}`}
                    onClick={() => setResetting(member)}
                  >
                    New password
                  </Button>
                )}
                {member.id !== me.id && (
                  <Button
                    variant="default"
                    size="xs"
                    aria-label={`Remove ${member.name}`}
                    onClick={() => setRemoving(member)}
                  >
                    Remove
                  </Button>
                )}
              </Group>
            ) : (
              <Text size="sm" c="dimmed">
                {member.role === 'admin' ? 'Administrator' : 'Member'}
              </Text>
            )}
          </li>
        ))}
      </ul>
      {isAdmin && <InvitationList />}
      <InviteDialog opened={inviting} onClose={invite.close} />
      <ResetLink member={resetting} onClose={() => setResetting(null)} />
      <RemoveMember member={removing} members={data ?? []} onClose={() => setRemoving(null)} />
    </Section>
  )
}
