import { ApiError, type Credential, type FieldDefinition, type Problem } from '@latchwork/contract'
import { Button, Group, Paper, Stack, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api } from '../app/api.ts'
import { DynamicFields } from '../app/DynamicFields.tsx'
import { faultSentence, fieldFault } from '../app/field-rules.ts'
import { ProblemAlert } from '../app/ProblemAlert.tsx'
import { serverFaults } from './form-rules.ts'
import { keepChanged } from './queries.ts'

interface ReplaceSecretProps {
  credential: Credential
  fields: readonly FieldDefinition[]
  label: string
  onDone(): void
}

/** Replaces the secret in place: it is checked first, and nothing that uses the credential stops. */
export function ReplaceSecret({ credential, fields, label, onDone }: ReplaceSecretProps) {
  const client = useQueryClient()
  const [keyNote, setKeyNote] = useState('')
  const [values, setValues] = useState<Record<string, string>>({})
  const [faults, setFaults] = useState<Record<string, string>>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [isSaving, setSaving] = useState(false)

  const replace = async (confirmIdentityChange: boolean) => {
    setSaving(true)
    setProblem(null)
    try {
      const note = keyNote.trim()
      const body = { values, confirmIdentityChange, ...(note === '' ? {} : { keyNote: note }) }
      const replaced = await api.credentials.secrets({ params: { id: credential.id }, body })
      setValues({})
      keepChanged(client, replaced)
      notifications.show({ message: `“${replaced.name}” uses the new one from now on.` })
      onDone()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const refused = serverFaults(error.problem.errors)
      setFaults(refused)
      if (Object.keys(refused).length === 0) setProblem(error.problem)
    } finally {
      setSaving(false)
    }
  }
  const faultOf = (field: FieldDefinition) => {
    const fault = fieldFault(field, values[field.name] ?? '')
    return fault === null ? undefined : faultSentence(field.label, fault)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const found = fields.flatMap((field) => {
      const fault = faultOf(field)
      return fault === undefined ? [] : [[field.name, fault] as const]
    })
    setFaults(Object.fromEntries(found))
    if (found.length === 0) void replace(false)
  }
  const isKey = fields.some(({ name }) => name === 'apiKey')
  const otherAccount = problem?.code === 'identity_changed'
  return (
    <Paper withBorder p="md" component="section" aria-label={label}>
      <form onSubmit={submit} noValidate autoComplete="off">
        <Stack gap="md">
          <DynamicFields
            fields={fields}
            values={values}
            errors={faults}
            onChange={(name, value) => {
              setValues((now) => ({ ...now, [name]: value }))
              setFaults(({ [name]: _, ...others }) => others)
              setProblem(null)
            }}
          />
          {isKey && (
            <TextInput
              label="Note about this key"
              description="Its name in Close, who made it or when: to find it there when it is replaced in its turn."
              maxLength={200}
              value={keyNote}
              onChange={(event) => setKeyNote(event.currentTarget.value)}
            />
          )}
          {problem !== null && (
            <ProblemAlert error={problem}>
              {otherAccount && (
                <Group gap="sm" mt="sm">
                  <Button color="red.8" loading={isSaving} onClick={() => void replace(true)}>
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
    </Paper>
  )
}
