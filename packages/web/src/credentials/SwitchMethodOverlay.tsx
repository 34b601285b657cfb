import type { ConnectorDefinition, Credential } from '@latchwork/contract'
import { notifications } from '@mantine/notifications'
import { FormOverlay } from './FormOverlay.tsx'
import { SwitchMethodForm } from './SwitchMethodForm.tsx'

interface SwitchMethodOverlayProps {
  credential: Credential
  connector: ConnectorDefinition
  opened: boolean
  /** The draft that somebody comes back to from the other system's page, in this same window. */
  returned: { credential: Credential; result: string } | null
  onClose(): void
}

/** Switch the method: the same form and guide as for a new credential, for one that stays what it is. */
export function SwitchMethodOverlay(props: SwitchMethodOverlayProps) {
  const { credential, connector, opened, returned, onClose } = props
  const [first, ...others] = connector.methods.filter(({ id }) => id !== credential.method)
  if (first === undefined) return null
  const title = others.length === 0 ? `Switch to ${first.label}` : 'Switch the authentication method'
  return (
    <FormOverlay title={title} opened={opened} unsaved="The credential goes on as before." onClose={onClose}>
      {({ narrow, handle, close }) => (
        <SwitchMethodForm
          {...{ credential, connector, returned, narrow, handle }}
          methods={[first, ...others]}
          onCancel={close}
          onSwitched={({ name, method }) => {
            handle.current.isChanged = false
            const label = connector.methods.find(({ id }) => id === method)?.label ?? method
            notifications.show({
              message: `“${name}” uses ${label} from now on. You can undo it for an hour.`,
            })
            onClose()
          }}
        />
      )}
    </FormOverlay>
  )
}
