import { type ColumnChoice, endpoints, type Flow, type FlowColumns } from '@latchwork/contract'
import { Button, Group, List, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { may } from '../access/role.ts'
import { typeWords } from '../streams/words.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { flowColumnsQuery, useChooseColumn, useTakeNames } from './queries.ts'

interface ColumnChangesProps {
  flowId: string
  /** Says what the person may do with the flow. */
  held: Pick<Flow, 'yourRole'>
}

type Column = FlowColumns['items'][number]['columns'][number]

/**
 * Columns whose type has changed, each with its choice: until it is made, its stream is not read.
 * @param props.endedAt of the run that is looked at, or of the flow's last one
 */
export function HeldColumns({ flowId, held, endedAt }: ColumnChangesProps & { endedAt: string | null }) {
  const { data = [] } = useQuery(flowColumnsQuery(flowId))
  const client = useQueryClient()
  // What was asked while a run was under way is not what it left.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the end of a run is the occasion, not an input
  useEffect(() => {
    void client.invalidateQueries({ queryKey: flowColumnsQuery(flowId).queryKey })
  }, [client, flowId, endedAt])
  const choose = useChooseColumn(flowId)
  const changed = data.flatMap(({ stream, columns }) =>
    columns.filter(({ changedTo }) => changedTo !== null).map((column) => ({ stream, column })),
  )
  if (changed.length === 0) return null
  const mayChoose = may(held, endpoints.flows.chooseColumn)
  return (
    <Stack gap="sm" component="section" aria-label="Columns to decide about">
      {changed.map(({ stream, column }) => (
        <Notice
          key={JSON.stringify([stream, column.name])}
          tone="warning"
          message={changeWords(stream, column)}
        >
          <Text size="sm" my={8}>
            {mayChoose
              ? 'Choose how it goes on. The next run reads the stream from the start.'
              : 'Somebody who administers the flow decides how it goes on.'}
          </Text>
          {mayChoose && (
            <Group gap="sm">
              {(['new_column', 'same_column'] as const).map((choice) => (
                <BusyButton
                  key={choice}
                  variant="default"
                  busy={choose.isPending && isOf(choose.variables, stream, column.name, choice)}
                  onClick={() => choose.mutate({ stream, column: column.name, choice })}
                >
                  {choice === 'new_column'
                    ? 'Keep both: a new column'
                    : `One column, which becomes ${wideWords(column)}`}
                </BusyButton>
              ))}
            </Group>
          )}
        </Notice>
      ))}
      {choose.error !== null && <ProblemAlert error={choose.error} />}
    </Stack>
  )
}

function isOf(asked: ColumnChoice, stream: string, column: string, choice: string): boolean {
  return asked.stream === stream && asked.column === column && asked.choice === choice
}

function changeWords(stream: string, { label, as, type, changedTo }: Column): string {
  const now = changedTo === null ? '' : typeWords[changedTo].toLowerCase()
  return `“${label}” of ${stream} is of the type ${now} now, and its column ${as} of the type ${typeWords[type].toLowerCase()}.`
}

/** What holds values of both types. */
function wideWords({ type }: Column): string {
  return type === 'json' ? 'a list or an object' : 'text'
}

const namesShown = 8

/** Columns that people call otherwise by now, and the way to follow them. */
export function NewNames({ flowId, held }: ColumnChangesProps) {
  const { data = [] } = useQuery(flowColumnsQuery(flowId))
  const [opened, setOpened] = useState(false)
  const take = useTakeNames(flowId)
  const renamed = data.flatMap(({ columns }) => columns.filter(({ as, next }) => as !== next))
  if (renamed.length === 0 || !may(held, endpoints.flows.takeNames)) return null
  const close = () => setOpened(false)
  return (
    <Group gap="md" justify="space-between">
      <Text miw={0} c="dimmed">
        {renamed.length === 1
          ? 'One column has another name in the source now. The destination keeps the old one.'
          : `${renamed.length} columns have other names in the source now. The destination keeps the old ones.`}
      </Text>
      <Button variant="default" onClick={() => setOpened(true)}>
        Take the new names
      </Button>
      <ConfirmDialog
        opened={opened}
        title="Take the new names?"
        confirmLabel="Take the new names"
        work={take}
        onConfirm={() => take.mutate(undefined, { onSuccess: close })}
        onCancel={close}
      >
        <Text mb={8}>
          The next run renames these columns in the destination. What reads them under the old names finds
          them no more.
        </Text>
        <List size="sm">
          {renamed.slice(0, namesShown).map(({ name, as, next }) => (
            <List.Item key={name}>
              <bdi>{as}</bdi> → <bdi>{next}</bdi>
            </List.Item>
          ))}
          {renamed.length > namesShown && <List.Item>and {renamed.length - namesShown} more</List.Item>}
        </List>
      </ConfirmDialog>
    </Group>
  )
}
