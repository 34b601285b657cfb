import {
  ApiError,
  type ConnectorDefinition,
  type Credential,
  endpoints,
  type Previous,
} from '@latchwork/contract'
import { Group, Paper, Stack, Text, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { may } from '../access/role.ts'
import { api } from '../api/client.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { absoluteTime, timeOfDay } from '../ui/time-words.ts'
import { OldKey } from './OldKey.tsx'
import { credentialKeys, previousQuery, showChanged } from './queries.ts'

interface PreviousSecretProps {
  credential: Credential
  connector: ConnectorDefinition | undefined
}

/** After a replacement or a switch: what became of what was used before, and the way back. */
export function PreviousSecret({ credential, connector }: PreviousSecretProps) {
  const client = useQueryClient()
  const { id, updatedAt } = credential
  const { data } = useQuery(previousQuery(id))
  const refresh = () => client.invalidateQueries({ queryKey: credentialKeys.previous(id) })
  // Another change of the credential may have replaced something else.
  // biome-ignore lint/correctness/useExhaustiveDependencies: updatedAt is what tells of a change
  useEffect(
    () => void client.invalidateQueries({ queryKey: credentialKeys.previous(id) }),
    [client, id, updatedAt],
  )
  const undo = useMutation({
    mutationFn: () => api.credentials.undo({ params: { id } }),
    onSuccess: (restored) => {
      showChanged(client, restored)
      notifications.show({ message: `“${restored.name}” uses what it used before.` })
      void refresh()
    },
  })
  const previous = data?.previous ?? null
  const section = useRef<HTMLElement>(null)
  const known = useRef<string | null>(null)
  useEffect(() => {
    if (data === undefined) return
    const now = previous?.replacedAt ?? ''
    // The replacement continues here, so the view scrolls to it.
    if (known.current !== null && now !== '' && known.current !== now) section.current?.focus()
    known.current = now
  }, [data, previous])
  if (previous === null) return null
  const labelOf = (method: string) => connector?.methods.find((each) => each.id === method)?.label ?? method
  const isSwitch = previous.method !== credential.method
  const title = isSwitch
    ? `Switched to ${labelOf(credential.method)}`
    : previous.suffix === null
      ? 'Replaced'
      : 'Key rotation'
  return (
    <Paper
      withBorder
      p="md"
      component="section"
      ref={section}
      tabIndex={-1}
      aria-label={previous.suffix === null ? title : 'Rotation'}
    >
      <Stack gap="md">
        <Title order={4}>{title}</Title>
        {previous.suffix === null ? (
          <Text>{whatBecame(previous, isSwitch ? labelOf(previous.method) : null)}</Text>
        ) : (
          <OldKey
            credential={credential}
            connector={connector}
            previous={previous}
            suffix={previous.suffix}
          />
        )}
        {undo.error instanceof ApiError && <ProblemAlert error={undo.error} />}
        {previous.undoUntil !== null && may(credential, endpoints.credentials.undo) && (
          <Group gap="sm">
            <BusyButton
              variant="default"
              leftSection={<IconArrowBackUp size={16} aria-hidden />}
              busy={undo.isPending}
              onClick={() => undo.mutate()}
            >
              Undo, until {timeOfDay(Date.parse(previous.undoUntil))}
            </BusyButton>
          </Group>
        )}
      </Stack>
    </Paper>
  )
}

function whatBecame({ replacedAt, undoUntil }: Previous, before: string | null): string {
  const since = absoluteTime(Date.parse(replacedAt))
  if (before === null) return `The new values were checked and are in use since ${since}.`
  const end = undoUntil === null ? 'has ended' : 'ends when the switch can no longer be undone'
  return `In use since ${since}. The sign-in by ${before} that was used before ${end}.`
}
