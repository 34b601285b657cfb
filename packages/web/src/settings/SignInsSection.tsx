import type { SignedInPlace } from '@latchwork/contract'
import { Button, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCircleCheckFilled } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../api/client.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { Row, RowButton, Rows } from '../ui/lists.tsx'
import { Pending } from '../ui/Pending.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { Section } from '../ui/Section.tsx'
import { Badge } from '../ui/StatusBadge.tsx'
import { LastUsed, TimeAgo } from '../ui/TimeAgo.tsx'
import { signInsKey, signInsQuery } from './queries.ts'

/** The browsers in which the member is signed in. */
export function SignInsSection() {
  const signIns = useQuery(signInsQuery)
  const { data } = signIns
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
      description="Your browsers and terminals. End any that you don’t know or need. It is signed out at once."
      actions={
        others.length > 0 && (
          <Button variant="default" onClick={end.open}>
            End all others
          </Button>
        )
      }
    >
      <Pending query={signIns} what="the list" rows={2} />
      {endOne.isError && <ProblemAlert error={endOne.error} />}
      <Rows label="Where you are signed in">
        {data?.map((place) => (
          <Place key={place.id} place={place}>
            {!place.current && (
              <RowButton
                label={`End ${place.client}`}
                busy={endOne.isPending && endOne.variables === place.id}
                onClick={() => endOne.mutate(place.id)}
              >
                End
              </RowButton>
            )}
          </Place>
        ))}
      </Rows>
      <ConfirmDialog
        opened={ending}
        title="End all others?"
        confirmLabel="End them"
        work={endOthers}
        onCancel={end.close}
        onConfirm={() => endOthers.mutate()}
      >
        <Text>
          {others.length === 1 ? 'One browser or terminal is' : `${others.length} browsers and terminals are`}{' '}
          signed out at once. This one stays, and so do the API tokens of programs.
        </Text>
      </ConfirmDialog>
    </Section>
  )
}

function Place({ place, children }: { place: SignedInPlace; children: ReactNode }) {
  const { kind, client, address, method, createdAt, lastUsedAt, current } = place
  return (
    <Row
      name={
        <>
          <Text fw={500} component="span">
            {kind === 'terminal' && 'Terminal on '}
            <bdi>{client}</bdi>
          </Text>{' '}
          {current && (
            <Badge tone="good" Icon={IconCircleCheckFilled}>
              This one
            </Badge>
          )}
        </>
      }
      detail={
        <>
          Signed in <TimeAgo at={createdAt} />
          {method === 'passkey' && ' with a passkey'}, <LastUsed at={lastUsedAt} />
          {address !== null && ` from ${address}`}
        </>
      }
    >
      {children}
    </Row>
  )
}
