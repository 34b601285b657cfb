import { type Credential, endpoints } from '@latchwork/contract'
import { Button, Group, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconArrowsExchange } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { may } from '../access/role.ts'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import classes from './drawer.module.css'
import { HiddenUsers } from './HiddenUsers.tsx'
import { MoveUsage } from './MoveUsage.tsx'
import { usageQuery } from './queries.ts'
import { UserLink } from './UserLink.tsx'

/** What uses the credential, and when each last did. */
export function CredentialUsage({ credential }: { credential: Credential }) {
  const { data, error } = useQuery(usageQuery(credential.id))
  const [moving, move] = useDisclosure(false)
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
        <Text c="dimmed">Nothing yet. Choose it for a source or destination of a new data flow.</Text>
      )}
      {isUsed && (
        <ul className={classes['users']}>
          {data.items.map((item) => (
            <li key={item.id}>
              <UserLink kind={item.kind} id={item.id} name={item.name} />
              <span className={classes['second']}>
                {item.lastUsedAt === null ? (
                  'Not used yet'
                ) : (
                  <>
                    Last used <TimeAgo at={item.lastUsedAt} />
                  </>
                )}
              </span>
            </li>
          ))}
          <HiddenUsers hidden={data.hidden} />
        </ul>
      )}
      {isUsed && may(credential, endpoints.credentialAccess.set) && (
        <Text c="dimmed" size="sm" mt="xs">
          To stop a member’s flows, take the role away from them under “Shared with”. Deleting the credential
          stops all of them.
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
      <MoveUsage credential={credential} opened={moving} onClose={move.close} />
    </section>
  )
}
