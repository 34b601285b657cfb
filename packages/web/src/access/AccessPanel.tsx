import { type Grant, grantedRoles, type ResourceKind } from '@latchwork/contract'
import { Button, Group, NativeSelect, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { membersQuery } from '../members/queries.ts'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { Row, Rows } from '../ui/lists.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { accessCalls, accessRules, may } from './role.ts'
import { Transfer } from './Transfer.tsx'

const everyone = 'everyone'
type GrantedRole = (typeof grantedRoles)[number]
const usualWords: Record<GrantedRole, string> = {
  collaborator: 'Collaborator: may use it',
  operator: 'Operator: may check and run it too',
  admin: 'Admin: may change and share it too',
}
/** A pass is used with its token: to share it is to share the sight of it. */
const passWords: Record<GrantedRole, string> = {
  ...usualWords,
  collaborator: 'Collaborator: may see its calls',
  operator: 'Operator: may revoke it too',
}

function roleWordsOf(kind: ResourceKind): Record<GrantedRole, string> {
  return kind === 'pass' ? passWords : usualWords
}

const footnotes: Partial<Record<ResourceKind, string>> = {
  file: 'Everybody who may use it may download it. Administrators of the workspace may do everything with it.',
  pass: 'Nobody is shown its token again. Administrators of the workspace may do everything else.',
}
const usualFootnote = 'Nobody can read the secrets. Administrators of the workspace may do everything else.'

interface AccessPanelProps {
  kind: ResourceKind
  id: string
  titleOrder?: 2 | 4
}

/** Who may do what with one thing, and for those who may share it, the way to change that. */
export function AccessPanel({ kind, id, titleOrder = 4 }: AccessPanelProps) {
  const client = useQueryClient()
  const key = ['access', kind, id]
  const access = useQuery({ queryKey: key, queryFn: () => accessCalls[kind].get({ params: { id } }) })
  const { data: members = [] } = useQuery(membersQuery)
  const set = useMutation({
    mutationFn: (body: {
      memberId: string | null
      role: GrantedRole | null
      was: { role: GrantedRole | null }
    }) => accessCalls[kind].set({ params: { id }, body }),
    onSuccess: (list) => client.setQueryData(key, list),
  })
  const grants = access.data?.items ?? []
  const mayShare = access.data !== undefined && may(access.data, accessRules[kind].set)
  const owner = grants.find(({ role }) => role === 'owner')?.member
  const mayTransfer =
    owner != null && access.data !== undefined && may(access.data, accessRules[kind].transfer)
  const [handing, hand] = useDisclosure(false)
  const has = (memberId: string | null) => grants.some(({ member }) => (member?.id ?? null) === memberId)
  const addable = [
    ...(has(null) ? [] : [{ value: everyone, label: 'Everyone' }]),
    ...members.filter((member) => !has(member.id)).map(({ id: value, name }) => ({ value, label: name })),
  ]
  return (
    <section>
      <Title order={titleOrder} size="h4" mb="sm">
        Shared with
      </Title>
      <Stack gap="sm">
        {access.isPending && <ListSkeleton label="Loading who has access" rows={2} rowHeight={36} />}
        {access.error !== null && <ProblemAlert error={access.error} />}
        {set.isError && <ProblemAlert error={set.error} />}
        <Rows label="Who has access">
          {grants.map((grant) => (
            <GrantRow
              key={grant.member?.id ?? everyone}
              grant={grant}
              words={roleWordsOf(kind)}
              editable={mayShare && !set.isPending}
              onChange={(role, was) =>
                set.mutate({ memberId: grant.member?.id ?? null, role, was: { role: was } })
              }
            />
          ))}
        </Rows>
        <Group gap="sm">
          {mayShare && addable.length > 0 && (
            <NativeSelect
              flex="1 1 200px"
              aria-label="Share with"
              data={[{ value: '', label: 'Share with…' }, ...addable]}
              value=""
              disabled={set.isPending}
              onChange={({ currentTarget: { value } }) =>
                value !== '' &&
                set.mutate({
                  memberId: value === everyone ? null : value,
                  role: 'collaborator',
                  was: { role: null },
                })
              }
            />
          )}
          {mayTransfer && (
            <Button variant="default" onClick={hand.open}>
              Hand over…
            </Button>
          )}
        </Group>
        {owner != null && (
          <Transfer
            {...{ kind, id, members }}
            ownerId={owner.id}
            opened={handing}
            onClose={hand.close}
            onDone={(list) => {
              client.setQueryData(key, list)
              // The viewer's rights have changed: every view of it is asked for again.
              void client.invalidateQueries()
            }}
          />
        )}
        <Text size="xs" c="dimmed">
          {footnotes[kind] ?? usualFootnote}
        </Text>
      </Stack>
    </section>
  )
}

interface GrantRowProps {
  grant: Grant
  /** Of each role. */
  words: Record<GrantedRole, string>
  editable: boolean
  onChange(role: GrantedRole | null, was: GrantedRole): void
}

function GrantRow({ grant: { member, role }, words, editable, onChange }: GrantRowProps) {
  const name = member?.name ?? 'Everyone'
  return (
    <Row name={<bdi>{name}</bdi>}>
      {role === 'owner' ? (
        <Text size="sm" c="dimmed">
          Owner
        </Text>
      ) : editable ? (
        <NativeSelect
          aria-label={`Role of ${name}`}
          data={[
            ...grantedRoles.map((value) => ({ value, label: words[value] })),
            { value: '', label: 'Stop sharing' },
          ]}
          value={role}
          onChange={({ currentTarget: { value } }) =>
            onChange(grantedRoles.find((candidate) => candidate === value) ?? null, role)
          }
        />
      ) : (
        <Text size="sm" c="dimmed">
          {words[role]}
        </Text>
      )}
    </Row>
  )
}
