import type { ConnectorDefinition, Credential } from '@latchwork/contract'
import { Stack, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { FormFooter } from './FormFooter.tsx'
import { type FormHandle, useFormHandle } from './FormOverlay.tsx'
import { descriptionLabel, focusFirstFault, nameLabel } from './form-rules.ts'
import { GuidePanel } from './Guide.tsx'
import { MethodChoice } from './MethodChoice.tsx'
import { MethodPart } from './MethodPart.tsx'
import classes from './overlay.module.css'
import { returnPath } from './return-path.ts'
import { saveObstacle, testObstacle } from './save-obstacle.ts'
import { useCredentialForm } from './useCredentialForm.ts'
import { useProof } from './useProof.ts'
import { useSaveCredential } from './useSaveCredential.ts'

interface AddCredentialFormProps {
  connector: ConnectorDefinition
  returned: { credential: Credential; result: string } | null
  narrow: boolean
  handle: FormHandle
  onCancel(): void
  onSaved(credential: Credential): void
}

export function AddCredentialForm(props: AddCredentialFormProps) {
  const { connector, returned, narrow, handle, onCancel, onSaved } = props
  const [draft, setDraft] = useState(returned?.credential ?? null)
  const form = useCredentialForm(connector, draft)
  const { method } = form
  const element = useRef<HTMLFormElement>(null)
  const [step, setStep] = useState<number | null>(null)
  const proof = useProof({
    connector,
    form,
    draft,
    onDraft: setDraft,
    returnedResult: returned?.result ?? null,
    texts: { name: form.name, description: form.description },
    returnTo: returnPath,
    onRefused: (problem) => saving.refuse(problem),
  })
  const { check } = proof
  const saving = useSaveCredential({
    connector,
    form,
    draft,
    check,
    onSaved,
    onFaults: () => focusFirstFault(element.current),
  })
  const obstacle = saveObstacle(form, proof.proof)
  useFormHandle(handle, { isChanged: form.isChanged, discard: proof.discard })

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (obstacle === null && !saving.isSaving) void saving.save()
  }
  return (
    <form ref={element} onSubmit={submit} noValidate autoComplete="off" className={classes['form']}>
      <div className={classes['columns']}>
        <div className={classes['fields']}>
          <Stack gap="md">
            {saving.problem !== null && <ProblemAlert error={saving.problem} />}
            <TextInput
              label={nameLabel}
              required
              data-autofocus
              dir="auto"
              value={form.name}
              error={form.shownFaults['name']}
              description={
                form.shownFaults['name'] === undefined &&
                'How you will find it again, for example Sales team.'
              }
              onChange={(event) => form.setName(event.currentTarget.value)}
              onFocus={() => setStep(null)}
              onBlur={() => form.leave('name')}
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
              onFocus={() => setStep(null)}
              onBlur={() => form.leave('description')}
            />
            <MethodChoice methods={connector.methods} value={method} onChange={form.setMethod} />
            <MethodPart {...{ connector, form, proof, narrow, step }} onStep={setStep} />
          </Stack>
        </div>
        {!narrow && <GuidePanel guide={method.guide} step={step} />}
      </div>
      <FormFooter
        obstacle={obstacle}
        isSaving={saving.isSaving}
        test={
          method.flow === 'direct'
            ? {
                obstacle: testObstacle(form),
                isTesting: check.outcome === 'checking',
                run: () => void check.check(),
              }
            : null
        }
        onCancel={onCancel}
      />
    </form>
  )
}
