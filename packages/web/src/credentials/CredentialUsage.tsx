import { type Credential, endpoints, pluralOf, type Usage } from '@latchwork/contract'
import { Anchor, Button, Group, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconArrowsExchange } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { may } from '../access/role.ts'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { LastUsed } from '../ui/TimeAgo.tsx'
import classes from './drawer.module.css'
import { MoveUsage } from './MoveUsage.tsx'
import { usageQuery } from './queries.ts'

/** What uses the credential, and when each last did. */
export function CredentialUsage({ credential }: { credential: Credential }) {
  const { data, error } = useQuery(usageQuery(credential.id))
  const [moveOpened, move] = useDisclosure(false)
  const isUsed = data !== undefined && data.items.length + data.hidden.length > 0
  const mayMove = may(credential, endpoints.deletedCredentials.moveUsage)
  return (
    <section>
      <Title order={4} mb="sm">
        Used by
      </Title>
      {error !== null && <ProblemAlert error={error} />}
      {data === undefined && error === null && (
        <ListSkeleton label="Loading what uses it" rows={2} rowHeight={36} />
      )}
      {data !== undefined && !isUsed && (
        <Text c="dimmed">
          Nothing yet. Choose it for a source or destination of a new data flow, or for a pass.
        </Text>
      )}
      {isUsed && (
        <ul className={classes['users']}>
          {data.items.map((item) => (
            <li key={item.id}>
              <UserLink kind={item.kind} id={item.id} name={item.name} />
              <span className={classes['second']}>
                <LastUsed at={item.lastUsedAt} word="Last used" />
              </span>
            </li>
          ))}
          <HiddenUsers hidden={data.hidden} />
        </ul>
      )}
      {isUsed && may(credential, endpoints.credentialAccess.set) && (
        <Text c="dimmed" size="sm" mt="xs">
          To stop a member’s flows, remove the member under “Shared with”. Deleting the credential stops every
          flow.
        </Text>
      )}
      {isUsed && mayMove && (
        <Group mt="sm">
          <Button
            variant="default"
            leftSection={<IconArrowsExchange size={16} aria-hidden />}
            onClick={move.open}
          >
            Move everything to another credential
          </Button>
        </Group>
      )}
      <MoveUsage credential={credential} opened={moveOpened} onClose={move.close} />
    </section>
  )
}

/** What uses a credential and is not shared with the viewer: its number, and its owner if the server names one. */
function HiddenUsers({ hidden }: { hidden: Usage['hidden'] }) {
  return hidden.map(({ kind, owner, count, lastUsedAt }) => (
    <li key={`${kind} ${owner?.id ?? ''}`}>
      <span>
        {count} {count === 1 ? kind : pluralOf(kind)}{' '}
        {owner === null ? (
          'that you may not see'
        ) : (
          <>
            of <bdi>{owner.name}</bdi>
          </>
        )}
      </span>
      <span className={classes['second']}>
        <LastUsed at={lastUsedAt} word="Last used" />
      </span>
    </li>
  ))
}

interface UserLinkProps {
  /** `flow`, `source`, `destination` or `pass`; anything else is named without a link. */
  kind: string
  id: string
  name: string
}

/** The way to what uses a credential. */
export function UserLink({ kind, id, name }: UserLinkProps) {
  const text = (
    <>
      <Text span c="dimmed" inherit tt="capitalize">
        {kind}
      </Text>{' '}
      <bdi>{name}</bdi>
    </>
  )
  switch (kind) {
    case 'flow':
      return (
        <Anchor renderRoot={(props) => <Link to="/flows/$flowId" params={{ flowId: id }} {...props} />}>
          {text}
        </Anchor>
      )
    case 'source':
      return <Anchor renderRoot={(props) => <Link to="/sources" search={{ id }} {...props} />}>{text}</Anchor>
    case 'destination':
      return (
        <Anchor renderRoot={(props) => <Link to="/destinations" search={{ id }} {...props} />}>{text}</Anchor>
      )
    case 'pass':
      return (
        <Anchor renderRoot={(props) => <Link to="/passes/$passId" params={{ passId: id }} {...props} />}>
          {text}
        </Anchor>
      )
    default:
      return <span>{text}</span>
  }
}
