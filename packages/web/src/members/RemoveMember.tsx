import type { Member } from '@latchwork/contract'
import { NativeSelect, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { useMe } from '../api/session-query.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'

interface RemoveMemberProps {
  /** Null: closed. */
  member: Member | null
  members: readonly Member[]
  onClose(): void
}

/** Asks who gets what the member owns, and removes them. */
export function RemoveMember({ member, members, onClose }: RemoveMemberProps) {
  const me = useMe()
  const client = useQueryClient()
  const [chosen, setChosen] = useState<string | null>(null)
  const others = members.filter(({ id }) => id !== member?.id)
  const heir = others.find(({ id }) => id === chosen)?.id ?? me?.id
  const remove = useMutation({
    mutationFn: (id: string) => api.members.remove({ params: { id }, query: { handTo: heir } }),
    onSuccess: () => {
      close()
      void client.invalidateQueries()
    },
  })
  const close = () => {
    setChosen(null)
    onClose()
  }
  return (
    <ConfirmDialog
      opened={member !== null}
      title="Remove this member?"
      confirmLabel="Remove"
      cancelLabel="Keep them"
      danger
      work={remove}
      onCancel={close}
      onConfirm={() => member !== null && remove.mutate(member.id)}
    >
      <Stack gap="md">
        <Text>
          <bdi>{member?.name}</bdi> is signed out everywhere at once, and their API tokens end.
        </Text>
        <NativeSelect
          label="Who gets what they own"
          data={others.map(({ id, name }) => ({ value: id, label: name }))}
          value={heir ?? ''}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
      </Stack>
    </ConfirmDialog>
  )
}
