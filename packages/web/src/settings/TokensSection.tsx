import type { Token } from '@latchwork/contract'
import { Button, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { ErrorState } from '../ui/ErrorState.tsx'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { Section } from '../ui/Section.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { NewToken } from './NewToken.tsx'
import { tokensKey, tokensQuery } from './queries.ts'
import classes from './settings.module.css'

/** API tokens: for programs that use the REST API in your name. */
export function TokensSection() {
  const { data, error, refetch } = useQuery(tokensQuery)
  const [making, make] = useDisclosure(false)
  const [revoking, setRevoking] = useState<Token | null>(null)
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: (id: string) => api.tokens.delete({ params: { id } }),
    onSuccess: () => {
      setRevoking(null)
      void client.invalidateQueries({ queryKey: tokensKey })
    },
  })
  return (
    <Section
      title="API tokens"
      description="For programs and scripts that use the REST API in your name."
      actions={
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={make.open}>
          New token
        </Button>
      }
    >
      {data === undefined && error === null && <ListSkeleton label="Loading your tokens" rows={2} />}
      {error !== null && (
        <ErrorState error={error} title="The tokens couldn't be loaded" onRetry={() => void refetch()} />
      )}
      {data?.length === 0 && (
        <Text c="dimmed">
          You have none. Make one to use the API from a program; this page doesn’t need any.
        </Text>
      )}
      {data !== undefined && data.length > 0 && (
        <ul className={classes['tokens']}>
          {data.map((token) => (
            <li key={token.id}>
              <div>
                <Text fw={500} component="span">
                  <bdi>{token.name}</bdi>
                </Text>{' '}
                <span className={classes['suffix']}>…{token.suffix}</span>
                <Text size="xs" c="dimmed">
                  Made <TimeAgo at={token.createdAt} />
                  {', '}
                  {token.lastUsedAt === null ? (
                    'not used yet'
                  ) : (
                    <>
                      last used <TimeAgo at={token.lastUsedAt} />
                    </>
                  )}
                  {', '}
                  {token.expiresAt === null ? (
                    'does not expire'
                  ) : (
                    <>
                      expires <TimeAgo at={token.expiresAt} />
                    </>
                  )}
                </Text>
              </div>
              <Button
                variant="default"
                size="xs"
                aria-label={`Revoke ${token.name}`}
                onClick={() => setRevoking(token)}
              >
                Revoke
              </Button>
            </li>
          ))}
        </ul>
      )}
      <NewToken opened={making} onClose={make.close} />
      <ConfirmDialog
        opened={revoking !== null}
        title="Revoke this token?"
        confirmLabel="Revoke"
        cancelLabel="Keep it"
        danger
        busy={revoke.isPending}
        onCancel={() => {
          setRevoking(null)
          revoke.reset()
        }}
        onConfirm={() => revoking !== null && revoke.mutate(revoking.id)}
      >
        <Text>
          Whatever uses <bdi>{revoking?.name}</bdi> is refused from now on. This can’t be undone.
        </Text>
        {revoke.isError && <ProblemAlert error={revoke.error} />}
      </ConfirmDialog>
    </Section>
  )
}
