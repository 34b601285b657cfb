import type { Credential, FieldDefinition } from '@latchwork/contract'
import { Button, Group, Stack } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { DynamicFields } from '../app/DynamicFields.tsx'
import { faultSentence, fieldFault, isFieldVisible } from '../app/field-rules.ts'
import { ProblemAlert } from '../app/ProblemAlert.tsx'
import { focusFirstFault } from './form-rules.ts'
import { useReplaceFields } from './useReplaceFields.ts'

interface ChangeFieldsProps {
  credential: Credential
  fields: readonly FieldDefinition[]
  onDone(): void
}

/** Changes some fields in place: they are checked with the rest, which is not sent again, and nothing stops. */
export function ChangeFields({ credential, fields, onDone }: ChangeFieldsProps) {
  const [values, setValues] = useState<Record<string, string>>({})
  const form = useRef<HTMLFormElement>(null)
  const { faults, setFaults, problem, isSaving, replace, forget } = useReplaceFields(credential, onDone)
  const textOf = ({ name }: FieldDefinition) => values[name] ?? credential.values[name] ?? ''
  const shown = Object.fromEntries(fields.map((field) => [field.name, textOf(field)]))
  const isChanged = (field: FieldDefinition) => textOf(field) !== (credential.values[field.name] ?? '')
  // A field that counts only beside a certain value of another is sent together with that.
  const sent = new Set(
    fields
      .filter((field) => isFieldVisible(field, shown) && isChanged(field))
      .flatMap(({ name, visibleWhen }) => [name, ...(visibleWhen === undefined ? [] : [visibleWhen.field])]),
  )
  const changed = Object.fromEntries(Object.entries(shown).filter(([name]) => sent.has(name)))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const found = fields.flatMap((field) => {
      if (!isFieldVisible(field, shown)) return []
      const fault = fieldFault(field, textOf(field))
      return fault === null ? [] : [[field.name, faultSentence(field.label, fault)] as const]
    })
    setFaults(Object.fromEntries(found))
    if (found.length > 0) return focusFirstFault(form.current)
    if (Object.keys(changed).length === 0) onDone()
    else void replace(changed)
  }
  const otherAccount = problem?.code === 'identity_changed'
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
        {problem !== null && (
          <ProblemAlert error={problem}>
            {otherAccount && (
              <Group gap="sm" mt="sm">
                <Button
                  color="red.8"
                  loading={isSaving}
                  onClick={() => void replace(changed, { otherAccount: true })}
                >
                  Use the other account
                </Button>
                <Button variant="default" onClick={onDone}>
                  Keep it as it is
                </Button>
              </Group>
            )}
          </ProblemAlert>
        )}
        {!otherAccount && (
          <Group gap="sm" justify="flex-end">
            <Button variant="subtle" color="gray" onClick={onDone}>
              Cancel
            </Button>
            <Button type="submit" loading={isSaving}>
              Check and replace
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  )
}
