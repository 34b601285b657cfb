import { endpoints, type Pass } from '@latchwork/contract'
import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core'
import { IconDots, IconPencil, IconRefresh, IconTrash } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { may } from '../access/role.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { useDeletePass, useRevokePass } from './queries.ts'
import { RotatePass } from './RotatePass.tsx'

type PassDialog = 'rotate' | 'revoke' | 'delete' | null

/** What can be done with a pass: changed, given a new token, ended, deleted. */
export function PassActions({ pass }: { pass: Pass }) {
  const [dialog, setDialog] = useState<PassDialog>(null)
  const close = () => setDialog(null)
  const isRevoked = pass.status === 'revoked'
  const mayRevoke = may(pass, endpoints.passes.revoke) && !isRevoked
  const mayDelete = may(pass, endpoints.passes.delete)
  return (
    <Group gap="sm">
      {mayDelete && (
        <Menu position="bottom-end" width={200}>
          <Menu.Target>
            <ActionIcon size={30} aria-label={`More for ${pass.name}`}>
              <IconDots size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => setDialog('delete')}
            >
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {may(pass, endpoints.passes.update) && !isRevoked && (
        <Button
          variant="default"
          leftSection={<IconPencil size={16} aria-hidden />}
          renderRoot={(props) => <Link to="/passes/$passId/change" params={{ passId: pass.id }} {...props} />}
        >
          Change
        </Button>
      )}
      {may(pass, endpoints.passes.rotate) && !isRevoked && (
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          onClick={() => setDialog('rotate')}
        >
          New token
        </Button>
      )}
      {mayRevoke && (
        <Button variant="default" c="var(--status-bad)" onClick={() => setDialog('revoke')}>
          Revoke
        </Button>
      )}
      <RotatePass pass={pass} opened={dialog === 'rotate'} onClose={close} />
      <Revoke pass={pass} opened={dialog === 'revoke'} onClose={close} />
      <Delete pass={pass} opened={dialog === 'delete'} onClose={close} />
    </Group>
  )
}

interface DialogProps {
  pass: Pass
  opened: boolean
  onClose(): void
}

function Revoke({ pass, opened, onClose }: DialogProps) {
  const revoke = useRevokePass(pass.id)
  return (
    <ConfirmDialog
      opened={opened}
      title="Revoke this pass?"
      confirmLabel="Revoke"
      cancelLabel="Keep it"
      danger
      work={revoke}
      onCancel={onClose}
      onConfirm={() => revoke.mutate(undefined, { onSuccess: onClose })}
    >
      <Text>
        Each call with <bdi>{pass.name}</bdi> is refused within a second, on every server. The record of its
        calls stays. This can’t be undone.
      </Text>
    </ConfirmDialog>
  )
}

function Delete({ pass, opened, onClose }: DialogProps) {
  const remove = useDeletePass(pass.id)
  const navigate = useNavigate()
  return (
    <ConfirmDialog
      opened={opened}
      title="Delete this pass?"
      confirmLabel="Delete pass"
      cancelLabel="Keep it"
      danger
      work={remove}
      onCancel={onClose}
      onConfirm={() =>
        remove.mutate(undefined, {
          onSuccess: () => {
            onClose()
            void navigate({ to: '/passes' })
          },
        })
      }
    >
      <Text>
        <bdi>{pass.name}</bdi> ends at once, and the record of its calls is deleted. To keep the record,
        revoke it instead.
      </Text>
    </ConfirmDialog>
  )
}
