import { ApiError, type ConnectorDefinition, type Credential, type Problem } from '@latchwork/contract'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { IconKey, IconLogin2, IconRefresh, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../app/api.ts'
import { Notice, ProblemAlert } from '../app/ProblemAlert.tsx'
import { StatusBadge } from '../app/StatusBadge.tsx'
import { TimeAgo } from '../app/TimeAgo.tsx'
import { DeleteCredential } from './DeleteCredential.tsx'
import { outcomeReason } from './outcome.ts'
import { keepChanged } from './queries.ts'
import { ReplaceSecret } from './ReplaceSecret.tsx'
import { reasonOnceSaved } from './reason-words.ts'
import { returnPath } from './return-path.ts'
import { SignInAgain } from './SignInAgain.tsx'
import { useAuthorization } from './useAuthorization.ts'

interface CredentialActionsProps {
  credential: Credential
  connector: ConnectorDefinition | undefined
  returnedResult: string | null
  onDeleted(): void
}

/** How the credential stands, and what can be done about it. */
export function CredentialActions({
  credential,
  connector,
  returnedResult,
  onDeleted,
}: CredentialActionsProps) {
  const client = useQueryClient()
  const [replacing, replace] = useDisclosure(false)
  const [deleting, remove] = useDisclosure(false)
  const [refusal, setRefusal] = useState<Problem | null>(null)
  const check = useMutation({
    mutationFn: () => api.credentials.check({ params: { id: credential.id } }),
    onSuccess: (checked) => keepChanged(client, checked),
  })
  const authorization = useAuthorization({
    initialReason: returnedResult === null ? null : outcomeReason(returnedResult, credential),
    returnTo: returnPath,
    onAuthorized: ({ name, identity }) => {
      setRefusal(null)
      const who = identity === null ? '' : ` as ${identity.userName}, ${identity.organizationName}`
      notifications.show({ message: `“${name}” is signed in again${who}.` })
    },
    onRefused: setRefusal,
  })
  const method = connector?.methods.find(({ id }) => id === credential.method)
  const isOAuth = method?.flow === 'oauth2'
  const secretFields = (method?.fields ?? []).filter(({ kind }) => kind === 'secret')
  const signIn = (confirmIdentityChange: boolean) => {
    setRefusal(null)
    void authorization.start(async () => credential, confirmIdentityChange)
  }
  const isKey = secretFields.some(({ name }) => name === 'apiKey')
  const replaceLabel = isKey ? 'Rotate key' : `Replace the ${secretFields[0]?.label ?? 'secret'}`

  return (
    <Stack gap="md">
      <div role="status">
        <Group gap="sm">
          <StatusBadge status={credential.status} />
          <Text size="sm" c="dimmed">
            <TimeAgo at={credential.statusAt} />
          </Text>
        </Group>
        {credential.reason !== null && (
          <Stack mt="sm">
            <Notice
              tone={credential.status === 'failed' ? 'bad' : 'warning'}
              message={reasonOnceSaved(credential.reason)}
              code={credential.reason.code}
            />
          </Stack>
        )}
      </div>
      {credential.status !== 'draft' && (
        <Group gap="sm">
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={check.isPending}
            onClick={() => check.mutate()}
          >
            Check now
          </Button>
          {isOAuth && (
            <Button
              variant={credential.status === 'failed' ? 'filled' : 'default'}
              leftSection={<IconLogin2 size={16} aria-hidden />}
              loading={authorization.state.phase === 'starting'}
              disabled={authorization.state.phase === 'waiting'}
              onClick={() => signIn(false)}
            >
              Sign in again
            </Button>
          )}
          {secretFields.length > 0 && (
            <Button
              variant={credential.status === 'failed' && !isOAuth ? 'filled' : 'default'}
              leftSection={<IconKey size={16} aria-hidden />}
              onClick={replace.toggle}
              aria-expanded={replacing}
            >
              {replaceLabel}
            </Button>
          )}
          <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={remove.open}>
            Delete
          </Button>
        </Group>
      )}
      {credential.status === 'draft' && (
        <Group gap="sm">
          <Text c="dimmed">A draft: begun, and not saved. It goes away by itself within the hour.</Text>
          <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={remove.open}>
            Delete
          </Button>
        </Group>
      )}
      {check.error instanceof ApiError && <ProblemAlert error={check.error} />}
      {refusal !== null && <ProblemAlert error={refusal} />}
      <SignInAgain
        connectorLabel={connector?.label ?? credential.connector}
        authorization={authorization}
        onConfirm={() => signIn(true)}
      />
      {replacing && (
        <ReplaceSecret
          credential={credential}
          fields={secretFields}
          label={replaceLabel}
          onDone={replace.close}
        />
      )}
      <DeleteCredential
        credential={credential}
        opened={deleting}
        onClose={remove.close}
        onDeleted={onDeleted}
      />
    </Stack>
  )
}
