import { ApiError, type Flow, mustChoose, type Problem } from '@latchwork/contract'
import { Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import { type SideKind, sideChoicesQuery } from '../sides/queries.ts'
import { sideWords } from '../sides/words.ts'
import { everything } from '../streams/choices.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { useUpdateFlow } from './queries.ts'
import { ScheduleQuestion } from './Schedule.tsx'
import { SchemaInput } from './SchemaInput.tsx'

interface ChangeSidesProps {
  /** Null while no flow was ever chosen: the dialog is closed then. */
  flow: Flow | null
  opened: boolean
  onClose(): void
}

/** Gives a flow another source or destination, after it was said what that means. */
export function ChangeSides({ flow, opened, onClose }: ChangeSidesProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Change source or destination" size={520}>
      {flow !== null && <Form key={flow.id} flow={flow} onClose={onClose} />}
    </Dialog>
  )
}

function Form({ flow: present, onClose }: { flow: Flow; onClose(): void }) {
  /** Another's change that arrives meanwhile is no part of what this person saw. */
  const [flow] = useState(present)
  const [sourceId, setSourceId] = useState(flow.source.id)
  const [destinationId, setDestinationId] = useState(flow.destination.id)
  const [schema, setSchema] = useState(flow.schema)
  const update = useUpdateFlow(flow.id)
  const { data: connectors } = useQuery(connectorsQuery)
  const { data: sources } = useQuery(sideChoicesQuery('source'))
  const destination = useQuery(sideChoicesQuery('destination')).data?.items.find(
    ({ id }) => id === destinationId,
  )
  const writer = connectors?.find(({ id }) => id === (destination?.connector ?? flow.destination.connector))
  const question = update.error instanceof ApiError ? update.error.problem : null
  const isOther = sourceId !== flow.source.id
  const source = sources?.items.find(({ id }) => id === sourceId)
  const connector = connectors?.find(({ id }) => id === source?.connector)
  const mustSay =
    isOther && source !== undefined && connector !== undefined && mustChoose(connector, source.config)
  const isForgotten = mustSay && (source.connector !== flow.source.connector || flow.streams === null)
  const wanted = writer?.destination?.schemaField === undefined ? null : schema
  const save = (agreed: { reread?: boolean; again?: boolean }) =>
    update.mutate(
      {
        ...(isOther && sourceId !== null ? { sourceId } : {}),
        ...(destinationId !== flow.destination.id && destinationId !== null ? { destinationId } : {}),
        ...(isForgotten ? { streams: everything } : {}),
        ...(wanted === flow.schema ? {} : { schema: wanted }),
        was: seenOf(flow),
        ...agreed,
      },
      { onSuccess: onClose },
    )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save({})
  }
  const isAsked = (code: string): Problem | null => (question?.code === code ? question : null)
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <SideSelect kind="source" side={flow.source} value={sourceId} onChange={setSourceId} />
        <SideSelect
          kind="destination"
          side={flow.destination}
          value={destinationId}
          onChange={setDestinationId}
        />
        <SchemaInput connector={writer} config={destination?.config} value={schema} onChange={setSchema} />
        {isForgotten && (
          <Text size="sm" c="dimmed" role="status">
            Of this source the flow will read everything that the account may read, until you choose its
            streams.
          </Text>
        )}
        {update.error !== null && isAsked('rereads_all') === null && isAsked('repeat_creates') === null && (
          <ProblemAlert error={update.error} />
        )}
        <FormButtons
          label="Save"
          busy={update.isPending}
          disabled={!isOther && destinationId === flow.destination.id && wanted === flow.schema}
          onCancel={onClose}
        />
        <ConfirmDialog
          opened={isAsked('rereads_all') !== null}
          title="Read everything again?"
          confirmLabel="Change it"
          onCancel={update.reset}
          onConfirm={() => save({ reread: true })}
        >
          {question?.detail}
        </ConfirmDialog>
        <ScheduleQuestion
          question={isAsked('repeat_creates')}
          onCancel={update.reset}
          onConfirm={() => save({ reread: true, again: true })}
        />
      </Stack>
    </form>
  )
}

/** What counts of what the person saw; what isn't shared with them they did not see. */
function seenOf({ source, destination, schema }: Flow) {
  return {
    ...(source.id === null ? {} : { sourceId: source.id }),
    ...(destination.id === null ? {} : { destinationId: destination.id }),
    schema,
  }
}

interface SideSelectProps {
  kind: SideKind
  /** The present one: it may not be among those that the person sees. */
  side: Flow['source']
  value: string | null
  onChange(id: string | null): void
}

function SideSelect({ kind, side, value, onChange }: SideSelectProps) {
  const { data } = useQuery(sideChoicesQuery(kind))
  const choices = data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []
  const isThere = side.id === null || choices.some((choice) => choice.value === side.id)
  return (
    <Select
      label={sideWords[kind].capital}
      placeholder={side.id === null ? 'One that isn’t shared with you' : ''}
      searchable
      allowDeselect={false}
      nothingFoundMessage="Nothing of this name"
      data={isThere || side.id === null ? choices : [{ value: side.id, label: side.name ?? '' }, ...choices]}
      value={value}
      onChange={onChange}
    />
  )
}
