import type { ConnectorDefinition, Credential, FieldDefinition } from '@latchwork/contract'
import { Stack, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type RefObject, useEffect, useRef, useState } from 'react'
import { api } from '../app/api.ts'
import { DynamicFields } from '../app/DynamicFields.tsx'
import type { FieldValues } from '../app/field-rules.ts'
import { ProblemAlert } from '../app/ProblemAlert.tsx'
import { AuthorizePart } from './AuthorizePart.tsx'
import { CheckLine } from './CheckLine.tsx'
import { FormFooter } from './FormFooter.tsx'
import { descriptionLabel, nameLabel, valuesToSend } from './form-rules.ts'
import { GuideFold, GuidePanel } from './Guide.tsx'
import { stepOf } from './guide-step.ts'
import { MethodChoice } from './MethodChoice.tsx'
import { isAuthorized, outcomeReason } from './outcome.ts'
import classes from './overlay.module.css'
import { keepChanged } from './queries.ts'
import { RedirectUri, redirectUriLabel } from './RedirectUri.tsx'
import { returnPath } from './return-path.ts'
import { authorizeObstacle, type Proof, saveObstacle, testObstacle } from './save-obstacle.ts'
import { useAuthorization } from './useAuthorization.ts'
import { useCheck } from './useCheck.ts'
import { useCredentialForm } from './useCredentialForm.ts'
import { discardDraft, useSaveCredential } from './useSaveCredential.ts'

interface AddCredentialFormProps {
  connector: ConnectorDefinition
  returned: { credential: Credential; result: string } | null
  /** One column: the guide is a fold above the fields that it speaks of. */
  narrow: boolean
  /** Lets the overlay ask before it closes, and clean up. */
  handle: RefObject<{ isChanged: boolean; discard(): void }>
  onCancel(): void
  onSaved(credential: Credential): void
}

export function AddCredentialForm(props: AddCredentialFormProps) {
  const { connector, returned, narrow, handle, onCancel, onSaved } = props
  const client = useQueryClient()
  const [draft, setDraft] = useState(returned?.credential ?? null)
  const form = useCredentialForm(connector, draft)
  const { method, values } = form
  const element = useRef<HTMLFormElement>(null)
  const focusFirstFault = () => {
    requestAnimationFrame(() => element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
  }
  const toSend = valuesToSend(method, values)
  const check = useCheck(connector.id, method.id, toSend)
  const saving = useSaveCredential({ connector, form, draft, check, onSaved, onFaults: focusFirstFault })
  const [step, setStep] = useState<number | null>(null)
  /** The values that access was granted for: with others it has to be granted again. */
  const [grantedFor, setGrantedFor] = useState<FieldValues | null>(
    draft !== null && isAuthorized(draft) ? toSend : null,
  )
  const authorization = useAuthorization({
    initialReason: returned === null ? null : outcomeReason(returned.result, returned.credential),
    returnTo: returnPath,
    onAuthorized: (credential) => {
      setDraft(credential)
      setGrantedFor(toSend)
    },
    onRefused: saving.refuse,
  })
  const outdated = grantedFor !== null && JSON.stringify(grantedFor) !== JSON.stringify(toSend)
  const authorized =
    draft !== null && draft.method === method.id && isAuthorized(draft) && !outdated ? draft : null

  const proof: Proof = {
    check: check.outcome,
    authorization:
      authorization.state.phase !== 'idle'
        ? authorization.state.phase
        : authorized !== null
          ? 'authorized'
          : outdated
            ? 'outdated'
            : 'none',
  }
  const obstacle = saveObstacle(form, proof)
  const cannotTest = testObstacle(form)

  useEffect(() => {
    handle.current = {
      isChanged: form.isChanged,
      discard: () => {
        form.clear()
        authorization.cancel()
        if (draft !== null) discardDraft(draft)
      },
    }
  })

  const keepDraft = async (): Promise<Credential> => {
    const texts = { name: form.name, description: form.description }
    const kept =
      draft !== null && draft.method === method.id
        ? await api.credentials.update({ params: { id: draft.id }, body: { ...texts, values: toSend } })
        : await api.credentials.create({
            body: { ...texts, connector: connector.id, method: method.id, values: toSend, draft: true },
          })
    setDraft(kept)
    keepChanged(client, kept)
    return kept
  }
  const leave = (field: FieldDefinition) => {
    form.leave(field.name)
    // A method of a single field is complete once that is filled in: its check needs no further click.
    if (
      method.flow === 'direct' &&
      method.fields.length === 1 &&
      cannotTest === null &&
      check.outcome === null
    ) {
      void check.check()
    }
  }
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
            {narrow && <GuideFold guide={method.guide} step={step} />}
            {method.flow === 'oauth2' && (
              <RedirectUri onFocus={() => setStep(stepOf(method.guide, redirectUriLabel, undefined))} />
            )}
            <DynamicFields
              fields={method.fields}
              values={values}
              errors={form.shownFaults}
              secretsSet={form.kept}
              onChange={form.setValue}
              onBlur={leave}
              onFocus={(field) => setStep(stepOf(method.guide, field.label, field.guideStep))}
            />
            {method.flow === 'oauth2' ? (
              <AuthorizePart
                connectorLabel={connector.label}
                authorization={authorization}
                authorized={authorized}
                obstacle={authorizeObstacle(form)}
                onAuthorize={() => void authorization.start(keepDraft, authorized !== null)}
              />
            ) : (
              <CheckLine connectorLabel={connector.label} outcome={check.outcome} />
            )}
          </Stack>
        </div>
        {!narrow && <GuidePanel guide={method.guide} step={step} />}
      </div>
      <FormFooter
        obstacle={obstacle}
        isSaving={saving.isSaving}
        test={
          method.flow === 'direct'
            ? { obstacle: cannotTest, isTesting: check.outcome === 'checking', run: () => void check.check() }
            : null
        }
        onCancel={onCancel}
      />
    </form>
  )
}
