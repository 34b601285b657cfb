import type { Member } from '@latchwork/contract'
import { Button, Group, NativeSelect, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconUserPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { useMe } from '../api/session-query.ts'
import { Row, RowButton, Rows } from '../ui/lists.tsx'
import { Pending } from '../ui/Pending.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { Section } from '../ui/Section.tsx'
import { InvitationList } from './InvitationList.tsx'
import { InviteDialog, ResetLink } from './LinkDialogs.tsx'
import { memberKeys, membersQuery, roles } from './queries.ts'
import { RemoveMember } from './RemoveMember.tsx'

/** The people of the workspace; administrators invite, change roles and remove. */
export function MembersSection() {
  const me = useMe()
  const isAdmin = me?.role === 'admin'
  const members = useQuery(membersQuery)
  const { data } = members
  const [inviting, invite] = useDisclosure(false)
  const [removing, setRemoving] = useState<Member | null>(null)
  const [resetting, setResetting] = useState<Member | null>(null)
  const client = useQueryClient()
  const change = useMutation({
    mutationFn: ({ member, role }: { member: Member; role: Member['role'] }) =>
      api.members.update({ params: { id: member.id }, body: { role, was: { role: member.role } } }),
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
      <Pending query={members} what="the members" rows={2} />
      {change.isError && <ProblemAlert error={change.error} />}
      <Rows label="Members">
        {data?.map((member) => (
          <Row
            key={member.id}
            name={
              <>
                <Text fw={500} component="span">
                  <bdi>{member.name}</bdi>
                </Text>
                {member.id === me?.id && ' (you)'}
              </>
            }
            detail={member.email}
          >
            {isAdmin ? (
              <Group gap="xs">
                <NativeSelect
                  aria-label={`Role of ${member.name}`}
                  data={roles}
                  value={member.role}
                  disabled={change.isPending}
                  onChange={(event) =>
                    change.mutate({
                      member,
                      role: event.currentTarget.value === 'admin' ? 'admin' : 'member',
                    })
                  }
                />
                {member.id !== me.id && (
                  <>
                    <RowButton label={`New password for ${member.name}`} onClick={() => setResetting(member)}>
                      New password
                    </RowButton>
                    <RowButton label={`Remove ${member.name}`} onClick={() => setRemoving(member)}>
                      Remove
                    </RowButton>
                  </>
                )}
              </Group>
            ) : (
              <Text size="sm" c="dimmed">
                {roles.find(({ value }) => value === member.role)?.label}
              </Text>
            )}
          </Row>
        ))}
      </Rows>
      {isAdmin && <InvitationList />}
      <InviteDialog opened={inviting} onClose={invite.close} />
      <ResetLink member={resetting} onClose={() => setResetting(null)} />
      <RemoveMember member={removing} members={data ?? []} onClose={() => setRemoving(null)} />
    </Section>
  )
}
