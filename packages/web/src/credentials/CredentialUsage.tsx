import type { Credential } from '@latchwork/contract'
import { Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ListSkeleton } from '../app/ListSkeleton.tsx'
import { ProblemAlert } from '../app/ProblemAlert.tsx'
import { TimeAgo } from '../app/TimeAgo.tsx'
import classes from './drawer.module.css'
import { usageQuery } from './queries.ts'
import { UserLink } from './UserLink.tsx'

/** What uses the credential, and when each last did. */
export function CredentialUsage({ credential }: { credential: Credential }) {
  const { data, error } = useQuery(usageQuery(credential.id))
  return (
    <section>
      <Title order={4} mb="sm">
        Used by
      </Title>
      {error !== null && <ProblemAlert error={error} />}
      {data === undefined && error === null && (
        <ListSkeleton label="Loading what uses it" rows={2} rowHeight={36} />
      )}
      {data?.items.length === 0 && (
        <Text c="dimmed">Nothing yet. Choose it for a source or destination of a new data flow.</Text>
      )}
      {data !== undefined && data.items.length > 0 && (
        <ul className={classes['users']}>
          {data.items.map((item) => (
            <li key={item.id}>
              <UserLink kind={item.kind} id={item.id} name={item.name} />
              <span className={classes['second']}>
                {item.lastUsedAt === null ? 'not used yet' : <TimeAgo at={item.lastUsedAt} />}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
