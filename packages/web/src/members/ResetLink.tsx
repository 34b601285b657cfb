import type { Member } from '@latchwork/contract'
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { LinkShownOnce } from './LinkShownOnce.tsx'

interface ResetLinkProps {
  /** Null: closed. */
  member: Member | null
  onClose(): void
}

/** Makes a link by which a member chooses a new password, and shows it, this once. */
export function ResetLink({ member, onClose }: ResetLinkProps) {
  return (
    <Modal
      opened={member !== null}
      onClose={onClose}
      title="A new password"
      centered
      closeOnClickOutside={false}
    >
      {member !== null && <Content member={member} onClose={onClose} />}
    </Modal>
  )
}

function Content({ member, onClose }: { member: Member; onClose(): void }) {
  const make = useMutation({
    mutationFn: () => api.passwordResets.create({ params: { id: member.id } }),
  })
  if (make.data !== undefined) {
    return <LinkShownOnce link={make.data.link} email={member.email} validFor="24 hours" onClose={onClose} />
  }
  return (
    <Stack gap="md">
      {make.isError && <ProblemAlert error={make.error} />}
      <Text>
        With a link that you send them, <bdi>{member.name}</bdi> chooses a new password and is signed out
        everywhere else. Until then nothing changes for them. An alert tells them who made the link.
      </Text>
      <Group justify="flex-end" gap="sm">
        <Button variant="subtle" color="gray" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={make.isPending} onClick={() => make.mutate()} data-autofocus>
          Make the link
        </Button>
      </Group>
    </Stack>
  )
}
