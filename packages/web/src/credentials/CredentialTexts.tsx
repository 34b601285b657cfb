import {
  type Credential,
  type CredentialPatch,
  descriptionSchema,
  endpoints,
  faultSentence,
  nameSchema,
} from '@latchwork/contract'
import { ActionIcon, Button, Group, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { z } from 'zod'
import { may } from '../access/role.ts'
import { api } from '../api/client.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { problemOf } from '../ui/ProblemAlert.tsx'
import classes from './drawer.module.css'
import { descriptionLabel, nameLabel } from './form-rules.ts'
import { showChanged } from './queries.ts'
import { EditableTags } from './Tags.tsx'

/** Name, description and tags, edited where they stand. */
export function CredentialTexts({ credential }: { credential: Credential }) {
  const client = useQueryClient()
  const editable = may(credential, endpoints.credentials.update)
  const change = async (body: CredentialPatch) => {
    showChanged(client, await api.credentials.update({ params: { id: credential.id }, body }))
  }
  return (
    <div>
      <EditInPlace
        label={nameLabel}
        what="name"
        value={credential.name}
        empty="Draft without a name"
        schema={nameSchema}
        heading
        editable={editable}
        onSave={(name, was) => change({ name, was: { name: was } })}
      />
      <EditInPlace
        label={descriptionLabel}
        what="description"
        value={credential.description}
        empty={editable ? 'No description. Say what it is for and how long it is good.' : 'No description.'}
        schema={descriptionSchema}
        multiline
        editable={editable}
        onSave={(description, was) => change({ description, was: { description: was } })}
      />
      <EditableTags credential={credential} />
    </div>
  )
}

interface EditInPlaceProps {
  label: string
  /** Completes "Edit the …". */
  what: string
  value: string
  /** Stands where there is no value. */
  empty: string
  schema: z.ZodString
  heading?: boolean
  multiline?: boolean
  editable?: boolean
  /**
   * @param was the value that editing began with
   * @throws {ApiError} what the server refuses is shown at the field
   */
  onSave(value: string, was: string): Promise<void>
}

/** Text that turns into a field: Enter saves (with Ctrl in several lines), Escape gives up. */
function EditInPlace(props: EditInPlaceProps) {
  const { label, what, value, empty, schema, heading = false, multiline = false, editable = true } = props
  const [typed, setTyped] = useState<string | null>(null)
  const [begun, setBegun] = useState(value)
  const begin = () => {
    setBegun(value)
    setTyped(value)
  }
  const [fault, setFault] = useState<string | null>(null)
  const [isSaving, setSaving] = useState(false)
  const pencil = useRef<HTMLButtonElement>(null)

  const isEditing = typed !== null
  const wasEditing = useRef(false)
  useEffect(() => {
    // The field has gone away: the focus goes back to where editing began.
    if (wasEditing.current && !isEditing) pencil.current?.focus()
    wasEditing.current = isEditing
  }, [isEditing])

  const stop = () => {
    setTyped(null)
    setFault(null)
  }
  const save = async () => {
    const parsed = schema.safeParse(typed)
    if (!parsed.success) {
      setFault(faultSentence(label, parsed.error.issues[0]?.message ?? "can't be used"))
      return
    }
    setSaving(true)
    try {
      if (parsed.data !== begun) await props.onSave(parsed.data, begun)
      stop()
    } catch (error) {
      const problem = problemOf(error)
      if (problem === null) throw error
      setFault(problem.errors?.[0]?.message ?? problem.detail)
    } finally {
      setSaving(false)
    }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') stop()
    if (event.key === 'Enter' && (!multiline || event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      void save()
    }
  }

  if (typed === null) {
    const text = (
      <bdi className={value === '' ? classes['emptyText'] : undefined}>{value === '' ? empty : value}</bdi>
    )
    return (
      <div className={classes['inPlace']}>
        {heading ? (
          <Title order={3} size="h2" className={classes['text'] ?? ''}>
            {text}
          </Title>
        ) : (
          <Text className={classes['text'] ?? ''}>{text}</Text>
        )}
        {editable && (
          <ActionIcon ref={pencil} size={28} aria-label={`Edit the ${what}`} onClick={begin}>
            <IconPencil size={16} aria-hidden />
          </ActionIcon>
        )}
      </div>
    )
  }
  const field = {
    label,
    value: typed,
    error: fault,
    dir: 'auto',
    autoFocus: true,
    'data-autofocus': true,
    // Escape gives up the edit and leaves the drawer open.
    'data-mantine-stop-propagation': true,
    onKeyDown,
    onChange: (event: { currentTarget: { value: string } }) => {
      setTyped(event.currentTarget.value)
      setFault(null)
    },
  }
  return (
    <Stack gap="sm" my={4}>
      {multiline ? <Textarea {...field} autosize minRows={2} maxRows={8} /> : <TextInput {...field} />}
      <Group gap="sm">
        <BusyButton size="xs" busy={isSaving} onClick={() => void save()}>
          Save the {what}
        </BusyButton>
        <Button size="xs" variant="subtle" color="gray" onClick={stop}>
          Cancel
        </Button>
      </Group>
    </Stack>
  )
}
