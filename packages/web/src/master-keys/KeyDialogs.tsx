import type { MasterKeys } from '@latchwork/contract'
import { Stack, Text } from '@mantine/core'
import { api } from '../api/client.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import classes from './master-keys.module.css'
import { useKeyChange } from './queries.ts'
import { roleOf } from './words.ts'

interface DialogProps {
  opened: boolean
  onClose(): void
}

/** Makes the next key without using it yet. */
export function AddKeyDialog({ opened, onClose }: DialogProps) {
  const add = useKeyChange(() => api.keys.add(), onClose)
  return (
    <ConfirmDialog
      opened={opened}
      title="Add the next master key?"
      confirmLabel="Add key"
      work={add}
      onCancel={onClose}
      onConfirm={() => add.mutate(undefined)}
    >
      <Text>
        A new key is put into the key file and waits there. Nothing is encrypted with it before you rotate.
        You can first copy the file to a safe place and to the other machines of this database.
      </Text>
    </ConfirmDialog>
  )
}

/** Says what a rotation does, and begins it. */
export function RotateDialog({ opened, keys, onClose }: DialogProps & { keys: MasterKeys }) {
  const rotate = useKeyChange(() => api.keys.rotate(), onClose)
  const next = keys.items.find((key) => roleOf(key) === 'next')
  return (
    <ConfirmDialog
      opened={opened}
      title="Rotate the master key?"
      confirmLabel="Rotate"
      work={rotate}
      onCancel={onClose}
      onConfirm={() => rotate.mutate(undefined)}
    >
      <Stack gap="md">
        <Text>{keys.canAdd ? <ChangesOver next={next?.id} /> : 'The active key stays as it is set.'}</Text>
        <Text>
          Every stored secret is encrypted again, with this key, in the background. People and flows go on,
          and nothing has to be entered again. The old key stays until you retire it.
        </Text>
      </Stack>
    </ConfirmDialog>
  )
}

function ChangesOver({ next }: { next: string | undefined }) {
  if (next === undefined) return 'A new key is made in the key file and becomes the active one.'
  return (
    <>
      The waiting key <code className={classes['fingerprint']}>{next}</code> becomes the active one.
    </>
  )
}

interface RetireDialogProps {
  /** Null: closed. */
  id: string | null
  keys: MasterKeys
  onClose(): void
}

/** Retires a key; the server refuses while something is encrypted with it, and says what. */
export function RetireDialog({ id, keys, onClose }: RetireDialogProps) {
  const retire = useKeyChange((key: string) => api.keys.retire({ params: { id: key } }), onClose)
  return (
    <ConfirmDialog
      opened={id !== null}
      title="Retire this master key?"
      confirmLabel="Retire"
      cancelLabel="Keep it"
      danger
      work={retire}
      onCancel={onClose}
      onConfirm={() => id !== null && retire.mutate(id)}
    >
      <Stack gap="md">
        <Text>
          Nothing is opened with <code className={classes['fingerprint']}>{id}</code> any more. The whole
          database is searched first. The key stays if anything is still encrypted with it.
        </Text>
        <Text>
          {keys.origin === 'file'
            ? 'The key is moved to a file beside the key file whose name ends in .retired.'
            : 'Remove the key from the settings afterwards.'}{' '}
          Keep it as long as you keep a backup that was made before the rotation.
        </Text>
      </Stack>
    </ConfirmDialog>
  )
}
