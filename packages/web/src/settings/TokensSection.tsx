import type { Token } from '@latchwork/contract'
import { Button, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { Row, RowButton, Rows } from '../ui/lists.tsx'
import { Pending } from '../ui/Pending.tsx'
import { Section } from '../ui/Section.tsx'
import { LastUsed, TimeAgo, TimeUntil } from '../ui/TimeAgo.tsx'
import { NewToken } from './NewToken.tsx'
import { tokensKey, tokensQuery } from './queries.ts'
import classes from './settings.module.css'

/** API tokens: for programs that use the REST API in your name. */
export function TokensSection() {
  const tokens = useQuery(tokensQuery)
  const { data } = tokens
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
      <Pending query={tokens} what="the tokens" rows={2} />
      {data?.length === 0 && (
        <Text c="dimmed">
          You have none. Make one to use the API from a program; this page doesn’t need any.
        </Text>
      )}
      {data !== undefined && data.length > 0 && (
        <Rows>
          {data.map((token) => (
            <Row
              key={token.id}
              name={
                <>
                  <Text fw={500} component="span">
                    <bdi>{token.name}</bdi>
                  </Text>{' '}
                  <span className={classes['suffix']}>…{token.suffix}</span>
                </>
              }
              detail={
                <>
                  Made <TimeAgo at={token.createdAt} />, <LastUsed at={token.lastUsedAt} />,{' '}
                  {token.expiresAt === null ? (
                    'does not expire'
                  ) : (
                    <>
                      expires <TimeUntil at={token.expiresAt} />
                    </>
                  )}
                </>
              }
            >
              <RowButton label={`Revoke ${token.name}`} onClick={() => setRevoking(token)}>
                Revoke
              </RowButton>
            </Row>
          ))}
        </Rows>
      )}
      <NewToken opened={making} onClose={make.close} />
      <ConfirmDialog
        opened={revoking !== null}
        title="Revoke this token?"
        confirmLabel="Revoke"
        cancelLabel="Keep it"
        danger
        work={revoke}
        onCancel={() => setRevoking(null)}
        onConfirm={() => revoking !== null && revoke.mutate(revoking.id)}
      >
        <Text>
          Everything that uses <bdi>{revoking?.name}</bdi> is refused from now on. This can’t be undone.
        </Text>
      </ConfirmDialog>
    </Section>
  )
}
