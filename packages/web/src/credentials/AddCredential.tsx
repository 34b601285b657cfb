import type { ConnectorDefinition, Credential } from '@latchwork/contract'
import { Textarea, TextInput } from '@mantine/core'
import { useLayoutEffect, useRef, useState } from 'react'
import { focusFirstFault } from '../ui/first-fault.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { FormLayout } from './FormLayout.tsx'
import { type FormHandle, FormOverlay, useFormHandle } from './FormOverlay.tsx'
import { descriptionLabel, nameLabel } from './form-rules.ts'
import { MethodChoice } from './MethodPart.tsx'
import { returnPath } from './oauth-windows.ts'
import { saveObstacle } from './save-obstacle.ts'
import { useSuggestedName } from './suggested-name.ts'
import { TagsField } from './Tags.tsx'
import { type Returned, useDraftInAddress } from './useAuthorization.ts'
import { useCredentialForm } from './useCredentialForm.ts'
import { identityFound, useProof } from './useProof.ts'
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
  /** Part of a page, where Cancel is Back. */
  inline?: boolean
  handle: FormHandle
  onCancel(): void
  onSaved(credential: Credential): void
}

/** The form itself: what proves who one is, then what the credential is called. */
export function AddCredentialForm(props: AddCredentialFormProps) {
  const { connector, returned, narrow, inline = false, handle, onCancel, onSaved } = props
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
    // Without a typed name the draft has none: it is found again for the person who grants access.
    texts: {
      name: form.isNamed ? form.name : '',
      description: form.description,
      tags: [...form.tags],
    },
    returnTo: () => returnPath(),
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
  useSuggestedName(form, proof.authorized?.identity ?? identityFound(proof.check.outcome))
  const nameField = useRef<HTMLInputElement>(null)
  const suggested = form.isNamed ? '' : form.name
  // What a person types replaces a suggestion. It must not follow it.
  useLayoutEffect(() => {
    if (suggested !== '' && nameField.current === document.activeElement) nameField.current?.select()
  }, [suggested])
  useFormHandle(handle, { isChanged: form.isChanged, discard: proof.discard })
  return (
    <FormLayout
      {...{ connector, form, proof, narrow, inline, onCancel }}
      ref={element}
      label="Save"
      focusFirst
      obstacle={saveObstacle(form, proof.proof)}
      isSaving={saving.isSaving}
      onSubmit={() => void saving.save()}
      above={
        <>
          {saving.problem !== null && <ProblemAlert error={saving.problem} />}
          <MethodChoice methods={connector.methods} value={form.method} onChange={form.setMethod} />
        </>
      }
      below={(leaveGuide) => (
        <>
          <TextInput
            ref={nameField}
            label={nameLabel}
            required
            dir="auto"
            value={form.name}
            error={form.shownFaults['name']}
            description={
              form.shownFaults['name'] === undefined && 'Filled in from the account. Change it as you like.'
            }
            onChange={(event) => form.setName(event.currentTarget.value)}
            onFocus={(event) => {
              leaveGuide()
              if (suggested !== '') event.currentTarget.select()
            }}
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
            description="Recommended, not required. Its purpose and how fresh it is help you and others to use it."
            onChange={(event) => form.setDescription(event.currentTarget.value)}
            onFocus={leaveGuide}
            onBlur={() => form.leaveField('description')}
          />
          <TagsField
            value={form.tags}
            error={form.shownFaults['tags']}
            onChange={form.setTags}
            onFocus={leaveGuide}
          />
        </>
      )}
    />
  )
}
