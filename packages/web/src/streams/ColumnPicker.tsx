import { type Column, type DataRecord, type FlowColumn, faultSentence, valueIn } from '@latchwork/contract'
import { Badge, Box, Button, Checkbox, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type SampleRequest, sampleQuery } from '../sides/SampleSection.tsx'
import { cellText } from '../ui/cell.ts'
import { FormButtons } from '../ui/FormButtons.tsx'
import { Pending } from '../ui/Pending.tsx'
import { NothingFound, SearchField, useSearchWords } from '../ui/SearchField.tsx'
import classes from './columns.module.css'
import {
  columnsOfPicked,
  found,
  nameFault,
  type PickedColumns,
  pickedOf,
  pickFault,
  usualNames,
  withName,
  withTick,
} from './columns.ts'
import { typeWords } from './words.ts'

interface ColumnPickerProps {
  /** The source, with the stream whose columns are picked, all of them. */
  request: SampleRequest
  value: readonly FlowColumn[]
  /** What columns are called already, by the source's names; left out: the flow is new. */
  called?: ReadonlyMap<string, string> | undefined
  onPick(columns: FlowColumn[]): void
  onClose(): void
}

const inDestination = 'Name in the destination'

/** Which columns of a stream are read, and what they are called in the destination. */
export function ColumnPicker({ request, value, called, onPick, onClose }: ColumnPickerProps) {
  const sample = useQuery(sampleQuery(request))
  const [picked, setPicked] = useState(() => pickedOf(value))
  const words = useSearchWords()
  if (sample.data === undefined) {
    return <Pending query={sample} what="the columns of the stream" rows={6} rowHeight={56} />
  }
  const { columns, records } = sample.data
  // As it is typed: what is ticked at once is what is seen.
  const shown = found(columns, picked.given, words.typed.trim())
  const names = usualNames(columns, picked, called)
  const fault = pickFault(picked)
  const count = picked.ticked?.size ?? columns.length
  return (
    <Stack gap="md">
      <Group gap="sm">
        <SegmentedControl
          aria-label="Which columns"
          data={[
            { value: 'all', label: 'All, also new ones' },
            { value: 'ticked', label: 'Those that I tick' },
          ]}
          value={picked.ticked === null ? 'all' : 'ticked'}
          onChange={(next) =>
            setPicked(next === 'all' ? { ...picked, ticked: null } : withTick(picked, columns, [], true))
          }
        />
        <Box flex="1 1 200px">
          <SearchField words={words} what="columns" total={columns.length} />
        </Box>
      </Group>
      <Group gap="sm" justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {count} of {columns.length} chosen
        </Text>
        {picked.ticked !== null && (
          <Group gap="xs">
            {([true, false] as const).map((isOn) => (
              <Button
                key={String(isOn)}
                variant="subtle"
                color="gray"
                px="sm"
                onClick={() =>
                  setPicked(
                    withTick(
                      picked,
                      columns,
                      shown.map(({ name }) => name),
                      isOn,
                    ),
                  )
                }
              >
                {isOn ? 'Tick these' : 'Untick these'}
              </Button>
            ))}
          </Group>
        )}
      </Group>
      {records.length === 0 && (
        <Text size="sm" c="dimmed">
          No record fits what is kept of this stream, so there are no values to show.
        </Text>
      )}
      {shown.length === 0 ? (
        <NothingFound words={words} what="column" />
      ) : (
        <ul className={classes['list']} aria-label="Columns">
          <li className={classes['head']} aria-hidden>
            <span>Column of the source</span>
            <span>Type and a first value</span>
            <span>{inDestination}</span>
          </li>
          {shown.map((column) => (
            <ColumnRow
              key={column.name}
              column={column}
              records={records}
              picked={picked}
              usual={names.get(column.name) ?? column.name}
              onTick={(isOn) => setPicked(withTick(picked, columns, [column.name], isOn))}
              onName={(as) => setPicked(withName(picked, column.name, as))}
            />
          ))}
        </ul>
      )}
      {fault !== null && (
        <Text size="sm" c="dimmed" role="status">
          {fault}
        </Text>
      )}
      <FormButtons
        label="Use these columns"
        busy={false}
        disabled={fault !== null}
        onCancel={onClose}
        onClick={() => onPick(columnsOfPicked(picked))}
      />
    </Stack>
  )
}

interface ColumnRowProps {
  column: Column
  records: readonly DataRecord[]
  picked: PickedColumns
  /** What it is called where no name is typed. */
  usual: string
  onTick(isOn: boolean): void
  onName(as: string): void
}

function ColumnRow({ column, records, picked, usual, onTick, onName }: ColumnRowProps) {
  const { name, label, type } = column
  const isTicked = picked.ticked?.has(name) ?? true
  const fault = nameFault(picked, name)
  const sample = records.map((record) => cellText(valueIn(record, name), type)).find((text) => text !== '')
  return (
    <li className={classes['column']} data-ticked={isTicked}>
      <Checkbox
        className={classes['tick'] ?? ''}
        label={<bdi>{label}</bdi>}
        description={
          <span className={classes['name']}>
            <bdi>{name}</bdi>
          </span>
        }
        checked={isTicked}
        onChange={(event) => onTick(event.currentTarget.checked)}
      />
      <div className={classes['value']}>
        <Badge variant="default" size="sm" tt="none" fw={500}>
          {typeWords[type]}
        </Badge>
        {records.length > 0 && (
          <Text size="xs" c="dimmed" lineClamp={2} title={sample}>
            {sample === undefined ? 'No value in the first records' : <bdi>{sample}</bdi>}
          </Text>
        )}
      </div>
      <TextInput
        className={classes['as'] ?? ''}
        wrapperProps={{ 'data-label': inDestination }}
        aria-label={`Name of ${label} in the destination`}
        placeholder={usual}
        disabled={!isTicked}
        maxLength={63}
        error={fault === null ? undefined : faultSentence('This name', fault)}
        value={picked.given.get(name) ?? ''}
        onChange={(event) => onName(event.currentTarget.value)}
      />
    </li>
  )
}
