import type { ConnectorDefinition, Credential } from '@latchwork/contract'
import { Modal } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { useRef } from 'react'
import { ConfirmDialog } from '../app/ConfirmDialog.tsx'
import { AddCredentialForm } from './AddCredentialForm.tsx'
import classes from './overlay.module.css'

interface AddCredentialOverlayProps {
  connector: ConnectorDefinition
  opened: boolean
  onClose(): void
  onSaved(credential: Credential): void
  /** The draft that somebody comes back to from the other system's page, in this same window. */
  returned?: { credential: Credential; result: string } | null
}

/** Add New Credential: the form on the left, the guide on the right, Save at the bottom. */
export function AddCredentialOverlay(props: AddCredentialOverlayProps) {
  const { connector, opened, onClose, onSaved, returned = null } = props
  const narrow = useMediaQuery('(max-width: 51.99em)', undefined, { getInitialValueInEffect: false })
  const [asking, ask] = useDisclosure(false)
  const form = useRef<{ isChanged: boolean; discard(): void }>({ isChanged: false, discard: () => undefined })

  const requestClose = () => {
    if (form.current.isChanged) ask.open()
    else onClose()
  }
  return (
    <>
      <Modal
        opened={opened}
        onClose={requestClose}
        closeOnEscape={!asking}
        closeOnClickOutside={!asking}
        title={`Add New Credential · ${connector.label}`}
        closeButtonProps={{ 'aria-label': 'Close this form' }}
        size={1040}
        padding={0}
        fullScreen={narrow}
        centered
        classNames={{
          content: classes['content'] ?? '',
          header: classes['header'] ?? '',
          body: classes['body'] ?? '',
        }}
      >
        <AddCredentialForm
          connector={connector}
          returned={returned}
          narrow={narrow}
          handle={form}
          onCancel={requestClose}
          onSaved={(credential) => {
            form.current.isChanged = false
            onSaved(credential)
          }}
        />
      </Modal>
      <ConfirmDialog
        opened={asking}
        title="Discard what you typed?"
        confirmLabel="Discard"
        cancelLabel="Keep editing"
        danger
        onCancel={ask.close}
        onConfirm={() => {
          ask.close()
          form.current.discard()
          onClose()
        }}
      >
        The credential hasn’t been saved.
      </ConfirmDialog>
    </>
  )
}
