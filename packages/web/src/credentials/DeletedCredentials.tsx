import { Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { Row, RowButton, Rows } from '../ui/lists.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { TimeAgo, TimeUntil } from '../ui/TimeAgo.tsx'
import { credentialKeys } from './queries.ts'

const deletedQuery = queryOptions({
  queryKey: [...credentialKeys.lists, 'deleted'],
  queryFn: () => api.deletedCredentials.list(),
  select: ({ items }) => items,
})

/** Deleted credentials that can still be brought back; nothing when there are none. */
export function DeletedCredentials() {
  const { data } = useQuery(deletedQuery)
  const client = useQueryClient()
  const restore = useMutation({
    mutationFn: (id: string) => api.deletedCredentials.restore({ params: { id } }),
    onSuccess: ({ name }) => {
      // In a long list it may be far from here.
      notifications.show({ message: `“${name}” is restored.` })
      return client.invalidateQueries({ queryKey: credentialKeys.all })
    },
  })
  if (data === undefined || data.length === 0) return null
  return (
    <section aria-label="Deleted credentials">
      <Title order={2} size="h4" mt="xl" mb="xs">
        Deleted
      </Title>
      {restore.isError && <ProblemAlert error={restore.error} />}
      <Rows>
        {data.map(({ id, name, owner, deletedAt, restorableUntil }) => (
          <Row
            key={id}
            name={<bdi>{name}</bdi>}
            detail={
              <>
                Of <bdi>{owner.name}</bdi>, deleted <TimeAgo at={deletedAt} />, erased for good{' '}
                <TimeUntil at={restorableUntil} />
              </>
            }
          >
            <RowButton
              label={`Restore ${name}`}
              busy={restore.isPending && restore.variables === id}
              onClick={() => restore.mutate(id)}
            >
              Restore
            </RowButton>
          </Row>
        ))}
      </Rows>
    </section>
  )
}
