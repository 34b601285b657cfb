import { type AccessList, ApiError, type Member, type ResourceKind } from '@latchwork/contract'
import { NativeSelect, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useMe } from '../api/session-query.ts'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { accessCalls } from './role.ts'

interface TransferProps {
  kind: ResourceKind
  id: string
  /** The present owner. */
  ownerId: string
  members: readonly Member[]
  opened: boolean
  onClose(): void
  onDone(list: AccessList): void
}

/** Transfers a thing to another member, after showing what changes for whom. */
export function Transfer(props: TransferProps) {
  return (
    <Dialog opened={props.opened} onClose={props.onClose} title={`Hand this ${props.kind} over`} size={480}>
      <TransferForm {...props} />
    </Dialog>
  )
}

function TransferForm({ kind, id, ownerId, members, onClose, onDone }: TransferProps) {
  const me = useMe()
  const [to, setTo] = useState('')
  const heading = useId()
  const others = members.filter((member) => member.id !== ownerId)
  const heir = others.find((member) => member.id === to)
  const isOwner = me?.id === ownerId
  const owner = members.find((member) => member.id === ownerId)
  const transfer = useMutation({
    mutationFn: (memberId: string) => accessCalls[kind].transfer({ params: { id }, body: { to: memberId } }),
    onSuccess: (list) => {
      notifications.show({ message: `It belongs to ${heir?.name ?? 'the other member'} from now on.` })
      onDone(list)
      onClose()
    },
  })
  if (others.length === 0) {
    return (
      <Text c="dimmed">
        There is nobody to hand it to. Invite somebody under Settings &gt; Members first.
      </Text>
    )
  }
  return (
    <Stack gap="md">
      <NativeSelect
        label="New owner"
        required
        data-autofocus
        data={[
          { value: '', label: 'Choose a member' },
          ...others.map((member) => ({ value: member.id, label: `${member.name} (${member.email})` })),
        ]}
        value={to}
        onChange={(event) => {
          setTo(event.currentTarget.value)
          transfer.reset()
        }}
      />
      <div>
        <Text fw={500} id={heading} mb={4}>
          What changes
        </Text>
        <ul aria-labelledby={heading} style={{ margin: 0, paddingInlineStart: 20 }}>
          <li>
            <bdi>{heir?.name ?? 'The new owner'}</bdi> may do everything with it: change, share, delete it and
            hand it on.
          </li>
          <li>
            {isOwner ? (
              'You stay'
            ) : (
              <>
                <bdi>{owner?.name ?? 'The owner until now'}</bdi> stays
              </>
            )}{' '}
            an admin of it
            {isOwner && me.role !== 'admin'
              ? ': you may change and share it, but no longer delete it or take it back.'
              : isOwner
                ? ', and as an administrator of the workspace you may still do everything.'
                : ', who may change and share it.'}
          </li>
          {kind === 'pass' ? (
            <li>
              It does what the new owner may: if its credential isn’t shared with them, its calls are refused.
            </li>
          ) : (
            <li>Whom it is shared with, and what uses it, stays as it is. Flows go on.</li>
          )}
        </ul>
      </div>
      {transfer.error instanceof ApiError && <ProblemAlert error={transfer.error} />}
      <FormButtons
        label={heir === undefined ? 'Hand over' : `Hand over to ${heir.name}`}
        busy={transfer.isPending}
        disabled={heir === undefined}
        onCancel={onClose}
        onClick={() => heir !== undefined && transfer.mutate(heir.id)}
      />
    </Stack>
  )
}
