import {
  ApiError,
  type ConnectorDefinition,
  type Credential,
  type Identity,
  isOtherAccount,
  type MethodDefinition,
  type Problem,
} from '@latchwork/contract'
import { Checkbox, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { AccountChange } from './AccountChange.tsx'
import { FormLayout } from './FormLayout.tsx'
import { type FormHandle, FormOverlay, useFormHandle } from './FormOverlay.tsx'
import { isKeyMethod, valuesToSend } from './form-rules.ts'
import { KeyNote, MethodChoice } from './MethodPart.tsx'
import { returnPath } from './oauth-windows.ts'
import { showChanged } from './queries.ts'
import { switchObstacle } from './save-obstacle.ts'
import { type Returned, useDraftInAddress } from './useAuthorization.ts'
import { useCredentialForm } from './useCredentialForm.ts'
import { identityFound, useProof } from './useProof.ts'

interface SwitchMethodOverlayProps {
  credential: Credential
  connector: ConnectorDefinition
  opened: boolean
  /** The draft that somebody comes back to from the other system's page, in this same window. */
  returned: Returned | null
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

interface SwitchMethodFormProps
  extends Pick<SwitchMethodOverlayProps, 'credential' | 'connector' | 'returned'> {
  /** The methods that it does not use. */
  methods: readonly [MethodDefinition, ...MethodDefinition[]]
  narrow: boolean
  handle: FormHandle
  onCancel(): void
  onSwitched(credential: Credential): void
}

/** Another method under the same id: proved, compared with the account until now, and switched to in one step. */
function SwitchMethodForm(props: SwitchMethodFormProps) {
  const { credential, connector, methods, returned, narrow, handle, onCancel, onSwitched } = props
  const client = useQueryClient()
  const putInAddress = useDraftInAddress()
  const [draft, setDraft] = useState(returned?.credential ?? null)
  const { name, description, identity: before } = credential
  const form = useCredentialForm(connector, draft, { name, description, methodId: methods[0].id })
  const { method } = form
  const [keyNote, setKeyNote] = useState('')
  /** Another account that the person has confirmed. */
  const [confirmed, setConfirmed] = useState<Identity | null>(null)
  const [isSwitching, setSwitching] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const refuse = (refusal: Problem) => setProblem(form.refuse(refusal) > 0 ? null : refusal)
  const proof = useProof({
    connector,
    form,
    draft,
    onDraft: setDraft,
    returned,
    texts: { name: '', description: '' },
    returnTo: () => returnPath({ id: credential.id, switch: method.id }),
    onPrepared: ({ id }) => putInAddress(id, { id: credential.id, switch: method.id }),
    onRefused: refuse,
  })
  useFormHandle(handle, { isChanged: form.isChanged, discard: proof.discard })

  const after =
    method.flow === 'oauth2' ? (proof.authorized?.identity ?? null) : identityFound(proof.check.outcome)
  const isOther = isOtherAccount(before, after)
  const isConfirmed = isOther && confirmed !== null && !isOtherAccount(confirmed, after)

  const switchNow = async () => {
    setSwitching(true)
    setProblem(null)
    try {
      const note = keyNote.trim()
      const proved =
        method.flow === 'oauth2' && draft !== null
          ? { draft: draft.id }
          : { values: valuesToSend(method, form.values), ...(note === '' ? {} : { keyNote: note }) }
      const body = { method: method.id, confirmIdentityChange: isConfirmed, ...proved }
      const switched = await api.credentials.method({ params: { id: credential.id }, body })
      form.clear()
      showChanged(client, switched)
      onSwitched(switched)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      refuse(error.problem)
    } finally {
      setSwitching(false)
    }
  }
  const now = connector.methods.find(({ id }) => id === credential.method)
  return (
    <FormLayout
      {...{ connector, form, proof, narrow, onCancel }}
      replacing
      label="Switch"
      obstacle={switchObstacle(form, proof.proof, isOther && !isConfirmed)}
      isSaving={isSwitching}
      onSubmit={() => void switchNow()}
      above={
        <>
          <Text c="dimmed">
            <bdi>{name}</bdi> keeps its id, its name and everything that uses it. Until the switch it goes on
            with {now?.label ?? 'what it uses now'}, and for an hour after it you can undo.
          </Text>
          {problem !== null && <ProblemAlert error={problem} />}
          {methods.length > 1 && <MethodChoice methods={methods} value={method} onChange={form.setMethod} />}
        </>
      }
      between={isKeyMethod(method) && <KeyNote value={keyNote} onChange={setKeyNote} />}
      below={() =>
        after !== null && (
          <AccountChange before={before} after={after}>
            <Checkbox
              mt="sm"
              label="Yes, use the other account"
              checked={isConfirmed}
              onChange={(event) => setConfirmed(event.currentTarget.checked ? after : null)}
            />
          </AccountChange>
        )
      }
    />
  )
}
