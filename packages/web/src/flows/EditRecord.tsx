import { type DataRecord, type Quarantined, type Run, valueIn } from '@latchwork/contract'
import { Stack, Text, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { Pending } from '../ui/Pending.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { quarantinedQuery, runRecordsQuery, useEditQuarantined } from './queries.ts'
import { editableText, typedValue } from './record-values.ts'

interface EditRecordProps {
  run: Run
  item: Quarantined
  name: string
  opened: boolean
  onClose(): void
}

/** Puts the values of a refused record right. Only what was changed is sent. */
export function EditRecord({ run, item, name, opened, onClose }: EditRecordProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title={`Edit ${name}`} size={620}>
      <WholeRecord run={run} item={item} onClose={onClose} />
    </Dialog>
  )
}

/** A list cuts what is long. */
function WholeRecord({ run, item, onClose }: Pick<EditRecordProps, 'run' | 'item' | 'onClose'>) {
  const whole = useQuery(quarantinedQuery(run.id, item.id))
  if (whole.data === undefined) return <Pending query={whole} what="the record" />
  return <EditForm run={run} item={whole.data} onClose={onClose} />
}

function EditForm({ run, item, onClose }: Pick<EditRecordProps, 'run' | 'item' | 'onClose'>) {
  const { data } = useQuery(runRecordsQuery(run.id, item.stream ?? undefined, false))
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  // What stood in a field when somebody began to change it: what another one writes meanwhile is a conflict.
  const [seen, setSeen] = useState<DataRecord>({})
  const edit = useEditQuarantined(run.id)
  const names = Object.keys(item.record)
  const columns = (data?.columns ?? []).filter((column) => !names.includes(column.name))
  const fields = [
    ...names.map((name) => data?.columns.find((column) => column.name === name) ?? { name, label: name }),
    ...columns,
  ]
  const parsed = Object.entries(typed).map(
    ([name, text]) => [name, typedValue(text, valueIn(item.record, name))] as const,
  )
  const broken = parsed.find(([, value]) => value === undefined)?.[0]
  const save = (event: FormEvent) => {
    event.preventDefault()
    if (broken !== undefined) return
    const was = Object.fromEntries(parsed.map(([name]) => [name, valueIn(seen, name) ?? null]))
    edit.mutate({ record: item.id, values: Object.fromEntries(parsed), was }, { onSuccess: onClose })
  }
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        <Text dir="auto" c="var(--status-bad)">
          {item.message}
        </Text>
        {fields.map(({ name, label }, index) => {
          const value = valueIn(item.record, name)
          const text = editableText(value)
          return (
            <Textarea
              key={name}
              label={label}
              {...(label === name ? {} : { description: name })}
              autosize
              minRows={1}
              maxRows={8}
              dir="auto"
              data-autofocus={index === 0 ? true : undefined}
              value={typed[name] ?? text}
              error={broken === name ? 'This is a nested value: it must be valid JSON.' : undefined}
              onChange={(event) => {
                const next = event.currentTarget.value
                setSeen((before) => ({ [name]: value ?? null, ...before }))
                setTyped(({ [name]: _, ...others }) => (next === text ? others : { ...others, [name]: next }))
              }}
            />
          )
        })}
        {edit.error !== null && <ProblemAlert error={edit.error} />}
        <FormButtons label="Save" busy={edit.isPending} disabled={parsed.length === 0} onCancel={onClose} />
      </Stack>
    </form>
  )
}
