import { ApiError, type Credential, endpoints, type Reason } from '@latchwork/contract'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconRefresh, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { RoleNote } from '../access/RoleNote.tsx'
import { may } from '../access/role.ts'
import { api } from '../api/client.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { StatusBadge } from '../ui/StatusBadge.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { DeleteCredential } from './DeleteCredential.tsx'
import { showChanged } from './queries.ts'

interface CredentialActionsProps {
  credential: Credential
  onDeleted(): void
}

/** How the credential stands; to check it and to delete it. */
export function CredentialActions({ credential, onDeleted }: CredentialActionsProps) {
  const client = useQueryClient()
  const [deleting, remove] = useDisclosure(false)
  const check = useMutation({
    mutationFn: () => api.credentials.check({ params: { id: credential.id } }),
    onSuccess: (checked) => showChanged(client, checked),
  })
  const isDraft = credential.status === 'draft'
  const mayCheck = !isDraft && may(credential, endpoints.credentials.check)
  const mayDelete = may(credential, endpoints.credentials.delete)
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
              message={savedReason(credential.reason)}
              code={credential.reason.code}
            />
          </Stack>
        )}
      </div>
      {(isDraft || mayCheck || mayDelete) && (
        <Group gap="sm">
          {isDraft && <Text c="dimmed">This draft isn’t saved. It is deleted by itself within an hour.</Text>}
          {mayCheck && (
            <BusyButton
              variant="default"
              leftSection={<IconRefresh size={16} aria-hidden />}
              busy={check.isPending}
              onClick={() => check.mutate()}
            >
              Check now
            </BusyButton>
          )}
          {mayDelete && (
            <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={remove.open}>
              Delete
            </Button>
          )}
        </Group>
      )}
      {check.error instanceof ApiError && <ProblemAlert error={check.error} />}
      <RoleNote kind="credential" held={credential} />
      <DeleteCredential
        credential={credential}
        opened={deleting}
        onClose={remove.close}
        onDeleted={onDeleted}
      />
    </Stack>
  )
}

/** What comes next stands here only: the reason itself does not know whether the credential is saved. */
function savedReason({ code, message }: Reason): string {
  return code === 'unreachable' ? `${message} We'll verify it when it answers.` : message
}
