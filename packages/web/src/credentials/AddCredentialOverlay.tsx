import type { ConnectorDefinition, Credential } from '@latchwork/contract'
import { AddCredentialForm } from './AddCredentialForm.tsx'
import { FormOverlay } from './FormOverlay.tsx'

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
  return (
    <FormOverlay
      title={`Add New Credential · ${connector.label}`}
      opened={opened}
      unsaved="The credential hasn’t been saved."
      onClose={onClose}
    >
      {({ narrow, handle, close }) => (
        <AddCredentialForm
          {...{ connector, returned, narrow, handle }}
          onCancel={close}
          onSaved={(credential) => {
            handle.current.isChanged = false
            onSaved(credential)
          }}
        />
      )}
    </FormOverlay>
  )
}
