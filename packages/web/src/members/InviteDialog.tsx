import { emailSchema } from '@latchwork/contract'
import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api } from '../api/client.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { LinkShownOnce } from './LinkShownOnce.tsx'
import { memberKeys } from './queries.ts'

interface InviteDialogProps {
  opened: boolean
  onClose(): void
}

/** Makes an invitation and shows its link, this once. */
export function InviteDialog({ opened, onClose }: InviteDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Invite somebody" centered closeOnClickOutside={false}>
      <Content onClose={onClose} />
    </Modal>
  )
}

function Content({ onClose }: Pick<InviteDialogProps, 'onClose'>) {
  const client = useQueryClient()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<'admin' | 'member'>('member')
  const [fault, setFault] = useState<string | null>(null)
  const invite = useMutation({
    mutationFn: () => api.invitations.create({ body: { email, role } }),
    onSuccess: () => client.invalidateQueries({ queryKey: memberKeys.invitations }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (emailSchema.safeParse(email).success) invite.mutate()
    else setFault(email.trim() === '' ? 'Email is required.' : 'This is not an email address.')
  }
  if (invite.data !== undefined) {
    return (
      <LinkShownOnce
        link={invite.data.link}
        email={invite.data.invitation.email}
        validFor="7 days"
        onClose={onClose}
      />
    )
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {invite.isError && <ProblemAlert error={invite.error} />}
        <TextInput
          label="Email"
          type="email"
          required
          data-autofocus
          value={email}
          error={fault}
          onChange={(event) => {
            setEmail(event.currentTarget.value)
            setFault(null)
          }}
        />
        <NativeSelect
          label="Role"
          data={[
            { value: 'member', label: 'Member' },
            { value: 'admin', label: 'Administrator' },
          ]}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value === 'admin' ? 'admin' : 'member')}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={invite.isPending}>
            Make the link
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
