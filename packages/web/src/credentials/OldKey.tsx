import {
  ApiError,
  type ConnectorDefinition,
  type Credential,
  endpoints,
  type Previous,
} from '@latchwork/contract'
import { Button, Group, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { may } from '../access/role.ts'
import { api } from '../api/client.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { ExternalLink } from '../ui/ExternalLink.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { absoluteTime, timeOfDay } from '../ui/time-words.ts'
import classes from './change.module.css'
import { credentialKeys } from './queries.ts'
import { RotationSteps } from './RotationSteps.tsx'

interface OldKeyProps {
  credential: Credential
  connector: ConnectorDefinition | undefined
  previous: Previous
  /** The last characters of the old key. */
  suffix: string
}

/** What is left to do of a rotation: until the old key's last use is past, and until it is gone in Close. */
export function OldKey({ credential, connector, previous, suffix }: OldKeyProps) {
  const client = useQueryClient()
  const { id } = credential
  const [isAway, setAway] = useState(false)
  const look = useMutation({
    mutationFn: () => api.credentials.checkPrevious({ params: { id } }),
    onSuccess: ({ accepted, previous: left }) => {
      if (accepted === false) notifications.show({ message: 'The old key is gone. The rotation is done.' })
      else client.setQueryData(credentialKeys.previous(id), { previous: left })
    },
  })
  const { mutate } = look
  const mayLook = may(credential, endpoints.credentials.checkPrevious)
  useEffect(() => {
    if (!isAway || !mayLook) return
    // A person who returns from Close wants to see the state.
    const onReturn = () => {
      setAway(false)
      mutate()
    }
    window.addEventListener('focus', onReturn)
    return () => window.removeEventListener('focus', onReturn)
  }, [isAway, mayLook, mutate])

  const accepted = look.data?.accepted
  const isGone = accepted === false
  const at = isGone ? 'done' : previous.state === 'ending' ? 'wait' : 'delete'
  const keyMethod = connector?.methods.find((method) => method.id === previous.method)
  const keysPage = keyMethod?.guide.steps.find((step) => step.link !== undefined)?.link
  const finish = () => void client.invalidateQueries({ queryKey: credentialKeys.previous(id) })
  return (
    <>
      <RotationSteps
        current={at}
        details={{
          paste: `Since ${absoluteTime(Date.parse(previous.replacedAt))}`,
          wait: <LastUse previous={previous} />,
          delete: `Close refuses the key that ends in …${suffix}.`,
        }}
      >
        {at === 'wait' ? (
          <Stack gap="xs">
            <Text>
              Requests that began with the key that ends in …{suffix} may still be under way, until{' '}
              {timeOfDay(Date.parse(previous.unusedAt))}. This page looks again by itself.
            </Text>
            <Text c="dimmed" size="xs">
              <LastUse previous={previous} />
            </Text>
          </Stack>
        ) : (
          <Stack gap="md">
            <dl className={classes['accounts']}>
              <dt>Ends in</dt>
              <dd>
                <code>…{suffix}</code>
              </dd>
              {previous.keyNote !== null && (
                <>
                  <dt>Note</dt>
                  <dd>
                    <bdi>{previous.keyNote}</bdi>
                  </dd>
                </>
              )}
              <dt>In use here</dt>
              <dd>since {absoluteTime(Date.parse(previous.usedSince))}</dd>
            </dl>
            <Text>
              Make sure that nothing outside Latchwork uses it, then delete it under Settings &gt; Developer
              &gt; API Keys.
            </Text>
            <div role="status">
              {accepted === true && <Notice tone="warning" message="Close still accepts the old key." />}
              {accepted === null && (
                <Notice tone="warning" message="Close gave no answer. Look again in a minute." />
              )}
            </div>
            <Group gap="md">
              {mayLook && (
                <BusyButton variant="default" busy={look.isPending} onClick={() => look.mutate()}>
                  Is the old key gone?
                </BusyButton>
              )}
              {keysPage !== undefined && (
                <span onClickCapture={() => setAway(true)}>
                  <ExternalLink href={keysPage.url}>{keysPage.label}</ExternalLink>
                </span>
              )}
            </Group>
          </Stack>
        )}
      </RotationSteps>
      {isGone && (
        <Group gap="md" role="status">
          <Text fw={500} flex="1 1 200px">
            The rotation is done.
          </Text>
          <Button variant="default" onClick={finish}>
            Done
          </Button>
        </Group>
      )}
      {look.error instanceof ApiError && <ProblemAlert error={look.error} />}
    </>
  )
}

/** When the old key was last put to use, and from when on nothing can have used it. */
function LastUse({ previous: { lastUsedAt, unusedAt, state } }: { previous: Previous }) {
  const began =
    lastUsedAt === null
      ? 'No run or sample ever began with it.'
      : `A run or sample last began with it ${absoluteTime(Date.parse(lastUsedAt))}.`
  return (
    <>
      {began}
      {state === 'unused' && ` Nothing in Latchwork has used it since ${absoluteTime(Date.parse(unusedAt))}.`}
    </>
  )
}
