import type { ConnectorDefinition, Credential } from '@latchwork/contract'
import { Textarea, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { FormLayout } from './FormLayout.tsx'
import { type FormHandle, FormOverlay, useFormHandle } from './FormOverlay.tsx'
import { descriptionLabel, focusFirstFault, nameLabel } from './form-rules.ts'
import { MethodChoice } from './MethodPart.tsx'
import { returnPath } from './oauth-windows.ts'
import { saveObstacle } from './save-obstacle.ts'
import { type Returned, useDraftInAddress } from './useAuthorization.ts'
import { useCredentialForm } from './useCredentialForm.ts'
import { useProof } from './useProof.ts'
import { useSaveCredential } from './useSave.ts'

interface AddCredentialOverlayProps {
  connector: ConnectorDefinition
  opened: boolean
  onClose(): void
  onSaved(credential: Credential): void
  /** The draft that the page found in its address. */
  returned?: Returned | null
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

interface AddCredentialFormProps {
  connector: ConnectorDefinition
  returned: Returned | null
  narrow: boolean
  handle: FormHandle
  onCancel(): void
  onSaved(credential: Credential): void
}

function AddCredentialForm(props: AddCredentialFormProps) {
  const { connector, returned, narrow, handle, onCancel, onSaved } = props
  const [draft, setDraft] = useState(returned?.credential ?? null)
  const form = useCredentialForm(connector, draft)
  const element = useRef<HTMLFormElement>(null)
  const putInAddress = useDraftInAddress()
  const proof = useProof({
    connector,
    form,
    draft,
    onDraft: setDraft,
    returned,
    texts: { name: form.name, description: form.description },
    returnTo: returnPath,
    onPrepared: ({ id }) => putInAddress(id),
    onRefused: (problem) => saving.refuse(problem),
  })
  const saving = useSaveCredential({
    connector,
    form,
    draft,
    check: proof.check,
    onSaved,
    onFaults: () => focusFirstFault(element.current),
  })
  useFormHandle(handle, { isChanged: form.isChanged, discard: proof.discard })
  return (
    <FormLayout
      {...{ connector, form, proof, narrow, onCancel }}
      ref={element}
      label="Save"
      obstacle={saveObstacle(form, proof.proof)}
      isSaving={saving.isSaving}
      onSubmit={() => void saving.save()}
      above={(leaveGuide) => (
        <>
          {saving.problem !== null && <ProblemAlert error={saving.problem} />}
          <TextInput
            label={nameLabel}
            required
            data-autofocus
            dir="auto"
            value={form.name}
            error={form.shownFaults['name']}
            description={
              form.shownFaults['name'] === undefined && 'How you will find it again, for example Sales team.'
            }
            onChange={(event) => form.setName(event.currentTarget.value)}
            onFocus={leaveGuide}
            onBlur={() => form.leaveField('name')}
          />
          <Textarea
            label={descriptionLabel}
            dir="auto"
            autosize
            minRows={2}
            maxRows={6}
            value={form.description}
            error={form.shownFaults['description']}
            description="Recommended, not required: its purpose and how fresh it is help its owner and others to use it."
            onChange={(event) => form.setDescription(event.currentTarget.value)}
            onFocus={leaveGuide}
            onBlur={() => form.leaveField('description')}
          />
          <MethodChoice methods={connector.methods} value={form.method} onChange={form.setMethod} />
        </>
      )}
    />
  )
}
