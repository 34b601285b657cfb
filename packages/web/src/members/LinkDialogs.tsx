import { emailSchema, type Member } from '@latchwork/contract'
import { NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import { api } from '../api/client.ts'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { ShownOnce } from '../ui/ShownOnce.tsx'
import { useFields } from '../ui/useFields.ts'
import { memberKeys, roles } from './queries.ts'

const sendIt = (email: string, validFor: string) =>
  `Send this link to ${email}. It works once, for ${validFor}, and is shown only now.`

interface InviteDialogProps {
  opened: boolean
  onClose(): void
}

/** Makes an invitation and shows its link, this once. */
export function InviteDialog({ opened, onClose }: InviteDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Invite somebody" closeOnClickOutside={false}>
      <InviteForm onClose={onClose} />
    </Dialog>
  )
}

const schema = z.object({ email: emailSchema })

function InviteForm({ onClose }: Pick<InviteDialogProps, 'onClose'>) {
  const client = useQueryClient()
  const [role, setRole] = useState<Member['role']>('member')
  const invite = useMutation({
    mutationFn: ({ email }: z.infer<typeof schema>) => api.invitations.create({ body: { email, role } }),
    onSuccess: () => client.invalidateQueries({ queryKey: memberKeys.invitations }),
  })
  const { field, onSubmit } = useFields({ schema, labels: { email: 'Email' }, error: invite.error })
  if (invite.data !== undefined) {
    const { link, invitation } = invite.data
    return (
      <ShownOnce label="Link" value={link} message={sendIt(invitation.email, '7 days')} onClose={onClose} />
    )
  }
  return (
    <form onSubmit={onSubmit((typed) => invite.mutate(typed))} noValidate>
      <Stack gap="md">
        {invite.isError && <ProblemAlert error={invite.error} />}
        <TextInput {...field('email')} type="email" data-autofocus />
        <NativeSelect
          label="Role"
          data={roles}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value === 'admin' ? 'admin' : 'member')}
        />
        <FormButtons label="Make the link" busy={invite.isPending} onCancel={onClose} />
      </Stack>
    </form>
  )
}

interface ResetLinkProps {
  /** Null: closed. */
  member: Member | null
  onClose(): void
}

/** Makes a link by which a member chooses a new password, and shows it, this once. */
export function ResetLink({ member, onClose }: ResetLinkProps) {
  return (
    <Dialog opened={member !== null} onClose={onClose} title="A new password" closeOnClickOutside={false}>
      {member !== null && <ResetForm member={member} onClose={onClose} />}
    </Dialog>
  )
}

function ResetForm({ member, onClose }: { member: Member; onClose(): void }) {
  const make = useMutation({
    mutationFn: () => api.passwordResets.create({ params: { id: member.id } }),
  })
  if (make.data !== undefined) {
    const message = sendIt(member.email, '24 hours')
    return <ShownOnce label="Link" value={make.data.link} message={message} onClose={onClose} />
  }
  return (
    <Stack gap="md">
      {make.isError && <ProblemAlert error={make.error} />}
      <Text>
        With a link that you send them, <bdi>{member.name}</bdi> chooses a new password and is signed out
        everywhere else. Until then nothing changes for them. An alert tells them who made the link.
      </Text>
      <FormButtons
        label="Make the link"
        busy={make.isPending}
        onCancel={onClose}
        onClick={() => make.mutate()}
      />
    </Stack>
  )
}
