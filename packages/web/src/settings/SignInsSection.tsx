import type { SignedInPlace } from '@latchwork/contract'
import { Button, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCircleCheckFilled } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { ErrorState } from '../ui/ErrorState.tsx'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { Section } from '../ui/Section.tsx'
import { Badge } from '../ui/StatusBadge.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { signInsKey, signInsQuery } from './queries.ts'
import classes from './settings.module.css'

/** Where one is signed in. */
export function SignInsSection() {
  const { data, error, refetch } = useQuery(signInsQuery)
  const [ending, end] = useDisclosure(false)
  const client = useQueryClient()
  const onSettled = () => client.invalidateQueries({ queryKey: signInsKey })
  const endOne = useMutation({
    mutationFn: (id: string) => api.signIns.end({ params: { id } }),
    onSettled,
  })
  const endOthers = useMutation({
    mutationFn: () => api.signIns.endOthers(),
    onSettled,
    onSuccess: end.close,
  })
  const others = data?.filter(({ current }) => !current) ?? []
  return (
    <Section
      title="Where you are signed in"
      description="Your browsers and terminals. End what you don’t know or don’t need: it is signed out at once."
      actions={
        others.length > 0 && (
          <Button variant="default" onClick={end.open}>
            End all others
          </Button>
        )
      }
    >
      {data === undefined && error === null && (
        <ListSkeleton label="Loading where you are signed in" rows={2} />
      )}
      {error !== null && (
        <ErrorState error={error} title="The list couldn't be loaded" onRetry={() => void refetch()} />
      )}
      {endOne.isError && <ProblemAlert error={endOne.error} />}
      <ul className={classes['tokens']} aria-label="Where you are signed in">
        {data?.map((place) => (
          <li key={place.id}>
            <Place place={place} />
            {!place.current && (
              <Button
                variant="default"
                size="xs"
                aria-label={`End ${place.client}`}
                loading={endOne.isPending && endOne.variables === place.id}
                onClick={() => endOne.mutate(place.id)}
              >
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ConfirmDialog
        opened={ending}
        title="End all others?"
        confirmLabel="End them"
        busy={endOthers.isPending}
        onCancel={() => {
          end.close()
          endOthers.reset()
        }}
        onConfirm={() => endOthers.mutate()}
      >
        <Text>
          {others.length === 1 ? 'One browser or terminal is' : `${others.length} browsers and terminals are`}{' '}
          signed out at once. This one stays, and so do the API tokens of programs.
        </Text>
        {endOthers.isError && <ProblemAlert error={endOthers.error} />}
      </ConfirmDialog>
    </Section>
  )
}

function Place({ place }: { place: SignedInPlace }) {
  const { kind, client, address, method, createdAt, lastUsedAt, current } = place
  return (
    <div>
      <Text fw={500} component="span">
        {kind === 'terminal' && 'Terminal on '}
        <bdi>{client}</bdi>
      </Text>{' '}
      {current && (
        <Badge tone="good" Icon={IconCircleCheckFilled}>
          This one
        </Badge>
      )}
      <Text size="xs" c="dimmed">
        Signed in <TimeAgo at={createdAt} />
        {method === 'passkey' && ' with a passkey'}
        {', '}
        {lastUsedAt === null ? (
          'not used yet'
        ) : (
          <>
            last used <TimeAgo at={lastUsedAt} />
          </>
        )}
        {address !== null && ` from ${address}`}
      </Text>
    </div>
  )
}
