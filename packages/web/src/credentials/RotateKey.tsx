import {
  type ConnectorDefinition,
  type Credential,
  isOtherAccount,
  type MethodDefinition,
  visibleFields,
} from '@latchwork/contract'
import { Button, Group, Stack, Text } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { BusyButton } from '../ui/BusyButton.tsx'
import { DynamicFields } from '../ui/DynamicFields.tsx'
import { focusFirstFault } from '../ui/first-fault.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { AccountChange, OtherAccount } from './AccountChange.tsx'
import { CheckLine } from './CheckLine.tsx'
import classes from './change.module.css'
import { valueFaults, valuesToSend } from './form-rules.ts'
import { GuideFold } from './Guide.tsx'
import { KeyNote } from './MethodPart.tsx'
import { RotationSteps } from './RotationSteps.tsx'
import { identityFound, useCheck } from './useProof.ts'
import { useReplaceFields } from './useSave.ts'

interface RotateKeyProps {
  credential: Credential
  connector: ConnectorDefinition
  method: MethodDefinition
  onDone(): void
}

/** The first step of a rotation: the new key is pasted, checked, compared, and swapped in while flows go on. */
export function RotateKey({ credential, connector, method, onDone }: RotateKeyProps) {
  const [values, setValues] = useState<Record<string, string>>({})
  const [keyNote, setKeyNote] = useState('')
  const [isSubmitting, setSubmitting] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const submitButton = useRef<HTMLButtonElement>(null)
  const { faults, setFaults, problem, isSaving, replace, forget } = useReplaceFields(credential, onDone)
  const toSend = valuesToSend(method, values)
  const check = useCheck(connector.id, method.id, toSend)
  const { outcome } = check
  const after = identityFound(outcome)
  const isOther = isOtherAccount(credential.identity, after)

  const findFaults = () => {
    const found = valueFaults(method, values, [])
    setFaults(found)
    return Object.keys(found).length > 0
  }
  const leave = () => {
    // A blank field that is left says nothing yet.
    if (Object.keys(toSend).length > 0 && !findFaults() && outcome === null) void check.check()
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (isOther) return
    if (findFaults()) return focusFirstFault(form.current)
    setSubmitting(true)
    const result = await check.check()
    setSubmitting(false)
    if (result?.status === 'verified' && !isOtherAccount(credential.identity, result.identity))
      await replace(toSend, { keyNote })
  }
  return (
    <form
      ref={form}
      onSubmit={(event) => void submit(event)}
      onBlur={({ relatedTarget }) => {
        // The button checks by itself, and must not move away under the pointer.
        if (relatedTarget !== submitButton.current) leave()
      }}
      noValidate
      autoComplete="off"
    >
      <RotationSteps current="paste">
        <Stack gap="md">
          <GuideFold guide={method.guide} step={null} />
          <DynamicFields
            fields={visibleFields(method.fields, values)}
            values={values}
            errors={faults}
            onChange={(name, value) => {
              setValues((now) => ({ ...now, [name]: value }))
              forget(name)
            }}
          />
          <KeyNote value={keyNote} onChange={setKeyNote} />
          <div className={classes['answer']}>
            {outcome === null && <Text c="dimmed">You see here whose key it is before it is used.</Text>}
            <CheckLine connectorLabel={connector.label} outcome={outcome} replacing />
            {after !== null && (
              <AccountChange before={credential.identity} after={after}>
                <OtherAccount
                  busy={isSaving}
                  onUse={() => void replace(toSend, { keyNote, otherAccount: true })}
                  onKeep={onDone}
                />
              </AccountChange>
            )}
          </div>
          {problem !== null && <ProblemAlert error={problem} />}
          {!isOther && (
            <Group gap="sm" justify="flex-end">
              <Button variant="subtle" color="gray" onClick={onDone}>
                Cancel
              </Button>
              <BusyButton ref={submitButton} type="submit" busy={isSubmitting || isSaving}>
                Check and replace
              </BusyButton>
            </Group>
          )}
        </Stack>
      </RotationSteps>
    </form>
  )
}
