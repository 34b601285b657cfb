import { ApiError, type Credential } from '@latchwork/contract'
import { Button, Group, List, Paper, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api } from '../app/api.ts'
import { ProblemAlert } from '../app/ProblemAlert.tsx'
import { absoluteTime } from '../app/time-words.ts'
import { credentialKeys, keepChanged, previousQuery } from './queries.ts'

interface PreviousSecretProps {
  credential: Credential
}

/** After a replacement: when the old key is used no more, which one to delete in Close, and the way back. */
export function PreviousSecret({ credential }: PreviousSecretProps) {
  const client = useQueryClient()
  const { id, updatedAt } = credential
  const params = { id }
  const { data } = useQuery(previousQuery(id))
  const refresh = () => client.invalidateQueries({ queryKey: credentialKeys.previous(id) })
  // Another change of the credential may have put something else aside.
  // biome-ignore lint/correctness/useExhaustiveDependencies: updatedAt is what tells of a change
  useEffect(
    () => void client.invalidateQueries({ queryKey: credentialKeys.previous(id) }),
    [client, id, updatedAt],
  )
  const undo = useMutation({
    mutationFn: () => api.credentials.undo({ params }),
    onSuccess: (restored) => {
      keepChanged(client, restored)
      notifications.show({ message: `“${restored.name}” uses what it used before.` })
      void refresh()
    },
  })
  const look = useMutation({
    mutationFn: () => api.credentials.checkPrevious({ params }),
    onSuccess: ({ accepted }) => {
      if (accepted === false) notifications.show({ message: 'The old one is gone. The rotation is done.' })
      void refresh()
    },
  })
  const previous = data?.previous ?? null
  if (previous === null) return null
  const isKey = previous.suffix !== null
  const name = isKey ? `the old key that ends in …${previous.suffix}` : 'what was used before'
  const noted = previous.keyNote === null ? '' : ` (“${previous.keyNote}”)`
  const error = undo.error ?? look.error
  return (
    <Paper withBorder p="md" component="section" aria-label="Rotation">
      <Stack gap="sm">
        <Text fw={500}>{isKey ? 'Key rotation' : 'Replaced'}</Text>
        <List type="ordered" size="sm" spacing={4}>
          <List.Item>
            The new one was checked and is in use since {absoluteTime(Date.parse(previous.replacedAt))}.
          </List.Item>
          <List.Item>
            {previous.state === 'ending'
              ? `Requests that began with ${name} may still be under way, until ${absoluteTime(Date.parse(previous.unusedAt))}.`
              : `Nothing uses ${name}${noted} any more.`}
          </List.Item>
          {isKey && previous.state === 'unused' && (
            <List.Item>
              Delete it in Close, under Settings &gt; Developer &gt; API Keys: the one that ends in …
              {previous.suffix}
              {noted}. Then look whether it is gone.
            </List.Item>
          )}
        </List>
        {look.data?.accepted === true && (
          <Text size="sm" role="status">
            Close still accepts the old key.
          </Text>
        )}
        {look.data?.accepted === null && (
          <Text size="sm" role="status">
            Close gave no answer. Look again in a minute.
          </Text>
        )}
        {error instanceof ApiError && <ProblemAlert error={error} />}
        <Group gap="sm">
          {previous.undoUntil !== null && (
            <Button
              variant="default"
              leftSection={<IconArrowBackUp size={16} aria-hidden />}
              loading={undo.isPending}
              onClick={() => undo.mutate()}
            >
              Undo, until {absoluteTime(Date.parse(previous.undoUntil))}
            </Button>
          )}
          {isKey && previous.state === 'unused' && (
            <Button variant="default" loading={look.isPending} onClick={() => look.mutate()}>
              Is the old key gone?
            </Button>
          )}
        </Group>
      </Stack>
    </Paper>
  )
}
