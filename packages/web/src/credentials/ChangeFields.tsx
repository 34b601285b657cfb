import {
  type Credential,
  type FieldDefinition,
  type MethodDefinition,
  readFields,
  redirectingFields,
  visibleFields,
  whyCleared,
  whySecretAgain,
} from '@latchwork/contract'
import { Stack, Text } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { DynamicFields } from '../ui/DynamicFields.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { focusFirstFault } from '../ui/first-fault.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { AccountChange, OtherAccount } from './AccountChange.tsx'
import { useReplaceFields } from './useSave.ts'

interface ChangeFieldsProps {
  credential: Credential
  method: MethodDefinition
  /** Those of the method that can be changed here. */
  fields: readonly FieldDefinition[]
  onDone(): void
}

/**
 * Changes some fields in place: they are checked with the rest, which is not sent again, and nothing stops. A field that
 * decides where a stored secret goes has that secret asked for again.
 */
export function ChangeFields({ credential, method, fields: offered, onDone }: ChangeFieldsProps) {
  const [values, setValues] = useState<Record<string, string>>({})
  const form = useRef<HTMLFormElement>(null)
  const { faults, setFaults, problem, isSaving, replace, forget } = useReplaceFields(credential, onDone)
  const stored = credential.values
  const applying = new Set(visibleFields(method.fields, { ...stored, ...values }).map(({ name }) => name))
  const fields = [...offered, ...secretsAgain(method, credential, offered, values)].filter(({ name }) =>
    applying.has(name),
  )
  const shown = Object.fromEntries(fields.map(({ name }) => [name, values[name] ?? stored[name] ?? '']))
  const changed = Object.fromEntries(
    Object.entries(shown).filter(([name, value]) => value !== (stored[name] ?? '')),
  )
  const cleared = whyCleared(method.fields, stored, changed)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const optional = (name: string) => !Object.hasOwn(shown, name)
    const found = readFields(method.fields, shown, { stored, optional }).faults
    setFaults(Object.fromEntries(found.map(({ field, message }) => [field, message])))
    if (found.length > 0) return focusFirstFault(form.current)
    if (Object.keys(changed).length === 0) onDone()
    else void replace(changed)
  }
  const otherAccount = problem?.code === 'identity_changed'
  const answered = problem?.accounts?.answered ?? null
  const choice = (
    <OtherAccount
      busy={isSaving}
      onUse={() => void replace(changed, { otherAccount: true })}
      onKeep={onDone}
    />
  )
  return (
    <form ref={form} onSubmit={submit} noValidate autoComplete="off">
      <Stack gap="md">
        <DynamicFields
          fields={fields}
          values={shown}
          errors={faults}
          onChange={(name, value) => {
            setValues((now) => ({ ...now, [name]: value }))
            forget(name)
          }}
        />
        {cleared.map((sentence) => (
          <Text key={sentence} c="dimmed" role="status">
            {sentence}
          </Text>
        ))}
        {answered !== null && (
          <AccountChange before={credential.identity} after={answered}>
            {choice}
          </AccountChange>
        )}
        {problem !== null && answered === null && (
          <ProblemAlert error={problem}>{otherAccount && choice}</ProblemAlert>
        )}
        {!otherAccount && <FormButtons label="Check and replace" busy={isSaving} onCancel={onDone} />}
      </Stack>
    </form>
  )
}

/** The stored secrets that have to be typed again with these changes, each with the reason. */
function secretsAgain(
  method: MethodDefinition,
  { values: stored, secretsSet }: Credential,
  offered: readonly FieldDefinition[],
  typed: Readonly<Record<string, string>>,
): FieldDefinition[] {
  const redirecting = redirectingFields(method, stored, { ...stored, ...typed })
  if (redirecting.length === 0) return []
  return method.fields
    .filter(({ kind, name }) => kind === 'secret' && secretsSet.includes(name))
    .filter(({ name }) => offered.every((field) => field.name !== name))
    .map((secret) => ({ ...secret, help: whySecretAgain(secret, redirecting) }))
}
