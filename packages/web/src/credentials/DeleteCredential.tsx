import type { Credential } from '@latchwork/contract'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { Dialog } from '../ui/dialogs.tsx'
import { ProblemAlert, problemOf } from '../ui/ProblemAlert.tsx'
import { UserLink } from './CredentialUsage.tsx'
import classes from './drawer.module.css'
import { MoveUsage } from './MoveUsage.tsx'
import { credentialKeys } from './queries.ts'

interface DeleteCredentialProps {
  credential: Credential
  opened: boolean
  onClose(): void
  onDeleted(): void
}

/** Asks before deleting; if something uses the credential, shows what instead. */
export function DeleteCredential({ credential, opened, onClose, onDeleted }: DeleteCredentialProps) {
  const client = useQueryClient()
  const [moveOpened, move] = useDisclosure(false)
  const remove = useMutation({
    mutationFn: (stopUsers: boolean) =>
      api.credentials.delete({
        params: { id: credential.id },
        query: stopUsers ? { stopUsers: 'true' } : {},
      }),
    onSuccess: () => {
      onClose()
      onDeleted()
      client.removeQueries({ queryKey: credentialKeys.one(credential.id) })
      void client.invalidateQueries({ queryKey: credentialKeys.lists })
      void client.invalidateQueries({ queryKey: ['flows'] })
      void client.invalidateQueries({ queryKey: ['passes'] })
      notifications.show({ message: `“${credential.name}” is deleted.` })
    },
  })
  const close = () => {
    onClose()
    remove.reset()
  }
  const { blockers = [], hiddenBlockers = 0 } = problemOf(remove.error) ?? {}
  if (blockers.length + hiddenBlockers > 0) {
    return (
      <>
        <Dialog opened={opened && !moveOpened} onClose={close} title="It is still used" size={520}>
          <Stack gap="md">
            <ProblemAlert error={remove.error} />
            <ul className={classes['users']}>
              {blockers.map((blocker) => (
                <li key={blocker.id}>
                  <UserLink {...blocker} />
                </li>
              ))}
              {hiddenBlockers > 0 && (
                <li>
                  {blockers.length > 0 ? 'and ' : ''}
                  {hiddenBlockers} that {hiddenBlockers === 1 ? 'isn’t' : 'aren’t'} shared with you
                </li>
              )}
            </ul>
            <Text>
              If you delete it anyway, its flows and passes pause. The owners of the flows are told that it
              was you. Data sources and destinations stay.
            </Text>
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Keep it
              </Button>
              <BusyButton
                variant="default"
                color="red"
                busy={remove.isPending}
                onClick={() => remove.mutate(true)}
              >
                Delete and pause them
              </BusyButton>
              <Button onClick={move.open}>Move them…</Button>
            </Group>
          </Stack>
        </Dialog>
        <MoveUsage
          credential={credential}
          opened={opened && moveOpened}
          onClose={move.close}
          onMoved={remove.reset}
        />
      </>
    )
  }
  return (
    <ConfirmDialog
      opened={opened}
      title="Delete this credential?"
      confirmLabel="Delete"
      cancelLabel="Keep it"
      danger
      work={remove}
      onCancel={close}
      onConfirm={() => remove.mutate(false)}
    >
      <Stack gap="md">
        <Text>
          <bdi>{credential.name}</bdi> can’t be chosen any more. Access that was granted by signing in is
          revoked at the other system. A key stays valid until you delete it there.
        </Text>
      </Stack>
    </ConfirmDialog>
  )
}
