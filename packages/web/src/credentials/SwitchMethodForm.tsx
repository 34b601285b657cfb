import {
  ApiError,
  type ConnectorDefinition,
  type Credential,
  type Identity,
  isOtherAccount,
  type MethodDefinition,
  type Problem,
} from '@latchwork/contract'
import { Checkbox, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api } from '../api/client.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { AccountChange } from './AccountChange.tsx'
import { FormFooter } from './FormFooter.tsx'
import { type FormHandle, useFormHandle } from './FormOverlay.tsx'
import { isKeyMethod, valuesToSend } from './form-rules.ts'
import { GuidePanel } from './Guide.tsx'
import { KeyNote } from './KeyNote.tsx'
import { MethodChoice } from './MethodChoice.tsx'
import { MethodPart } from './MethodPart.tsx'
import classes from './overlay.module.css'
import { keepChanged } from './queries.ts'
import { switchObstacle, testObstacle } from './save-obstacle.ts'
import { identityFound } from './useCheck.ts'
import { useCredentialForm } from './useCredentialForm.ts'
import { useProof } from './useProof.ts'

interface SwitchMethodFormProps {
  credential: Credential
  connector: ConnectorDefinition
  /** The methods that it does not use. */
  methods: readonly [MethodDefinition, ...MethodDefinition[]]
  returned: { credential: Credential; result: string } | null
  narrow: boolean
  handle: FormHandle
  onCancel(): void
  onSwitched(credential: Credential): void
}

/** Another method under the same id: proved, compared with the account until now, and switched to in one step. */
export function SwitchMethodForm(props: SwitchMethodFormProps) {
  const { credential, connector, methods, returned, narrow, handle, onCancel, onSwitched } = props
  const client = useQueryClient()
  const [draft, setDraft] = useState(returned?.credential ?? null)
  const { name, description, identity: before } = credential
  const form = useCredentialForm(connector, draft, { name, description, methodId: methods[0].id })
  const { method } = form
  const [step, setStep] = useState<number | null>(null)
  const [keyNote, setKeyNote] = useState('')
  /** Another account that somebody read of and wants. */
  const [confirmed, setConfirmed] = useState<Identity | null>(null)
  const [isSwitching, setSwitching] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const refuse = (refusal: Problem) => setProblem(form.refuse(refusal) > 0 ? null : refusal)
  const proof = useProof({
    connector,
    form,
    draft,
    onDraft: setDraft,
    returnedResult: returned?.result ?? null,
    texts: { name: '', description: '' },
    // Also from a wizard the way back leads to the credential itself.
    returnTo: () => `/credentials?${new URLSearchParams({ id: credential.id, switch: method.id })}`,
    onRefused: refuse,
  })
  const { check } = proof
  useFormHandle(handle, { isChanged: form.isChanged, discard: proof.discard })

  const after = method.flow === 'oauth2' ? (proof.authorized?.identity ?? null) : identityFound(check.outcome)
  const isOther = isOtherAccount(before, after)
  const isConfirmed = isOther && confirmed !== null && !isOtherAccount(confirmed, after)
  const obstacle = switchObstacle(form, proof.proof, isOther && !isConfirmed)

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
      keepChanged(client, switched)
      onSwitched(switched)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      refuse(error.problem)
    } finally {
      setSwitching(false)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (obstacle === null && !isSwitching) void switchNow()
  }
  const now = connector.methods.find(({ id }) => id === credential.method)
  return (
    <form onSubmit={submit} noValidate autoComplete="off" className={classes['form']}>
      <div className={classes['columns']}>
        <div className={classes['fields']}>
          <Stack gap="md">
            <Text c="dimmed">
              <bdi>{name}</bdi> keeps its id, its name and everything that uses it. Until the switch it goes
              on with {now?.label ?? 'what it uses now'}, and for an hour after it you can undo.
            </Text>
            {problem !== null && <ProblemAlert error={problem} />}
            {methods.length > 1 && (
              <MethodChoice methods={methods} value={method} onChange={form.setMethod} />
            )}
            <MethodPart {...{ connector, form, proof, narrow, step }} onStep={setStep} replacing>
              {isKeyMethod(method) && <KeyNote value={keyNote} onChange={setKeyNote} />}
            </MethodPart>
            {after !== null && (
              <AccountChange before={before} after={after}>
                <Checkbox
                  mt="sm"
                  label="Yes, use the other account"
                  checked={isConfirmed}
                  onChange={(event) => setConfirmed(event.currentTarget.checked ? after : null)}
                />
              </AccountChange>
            )}
          </Stack>
        </div>
        {!narrow && <GuidePanel guide={method.guide} step={step} />}
      </div>
      <FormFooter
        deed="Switch"
        obstacle={obstacle}
        isSaving={isSwitching}
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
