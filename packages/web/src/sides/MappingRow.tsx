import type { Column, MappingPair } from '@latchwork/contract'
import { ActionIcon, Select, TextInput } from '@mantine/core'
import { IconArrowRight, IconTrash } from '@tabler/icons-react'
import { cellText } from '../ui/cell.ts'
import classes from './Mapping.module.css'

interface MappingRowProps {
  position: number
  pair: MappingPair
  columns: readonly Column[]
  targets: readonly Column[]
  /** What the field is called, where the destination has it no more. */
  goneLabel: string
  /** Fields that other rows fill already. */
  taken: readonly string[]
  /** The column's value in the first record. */
  example: unknown
  onChange(pair: MappingPair): void
  onRemove(): void
}

/** One pair of a mapping: a column, the field it goes into, and what the first record has there. */
export function MappingRow({
  position,
  pair,
  columns,
  targets,
  goneLabel,
  taken,
  example,
  onChange,
  onRemove,
}: MappingRowProps) {
  const type = columns.find((column) => column.name === pair.from)?.type ?? 'text'
  const free = targets.filter((target) => target.name === pair.to || !taken.includes(target.name))
  return (
    <li className={classes['row']}>
      {columns.length === 0 ? (
        <TextInput
          aria-label={`Column ${position}`}
          placeholder="Column of the source"
          maxLength={500}
          value={pair.from}
          onChange={(event) => onChange({ ...pair, from: event.currentTarget.value })}
        />
      ) : (
        <Select
          aria-label={`Column ${position}`}
          placeholder="Column of the source"
          searchable
          data={optionsOf(columns, pair.from)}
          value={pair.from === '' ? null : pair.from}
          error={isGone(columns, pair.from) ? 'The source has no such column.' : undefined}
          onChange={(from) => onChange({ ...pair, from: from ?? '' })}
        />
      )}
      <IconArrowRight className={classes['arrow']} size={16} aria-hidden />
      {targets.length === 0 ? (
        <TextInput
          aria-label={`Field ${position}`}
          placeholder="Field of the destination"
          maxLength={200}
          value={pair.to}
          onChange={(event) => onChange({ ...pair, to: event.currentTarget.value })}
        />
      ) : (
        <Select
          aria-label={`Field ${position}`}
          placeholder="Field of the destination"
          searchable
          data={optionsOf(free, pair.to, goneLabel)}
          value={pair.to === '' ? null : pair.to}
          error={isGone(targets, pair.to) ? 'The destination has no such field.' : undefined}
          onChange={(to) => onChange({ from: pair.from, to: to ?? '' })}
        />
      )}
      <span className={classes['example']} dir="auto" title="Its value in the first record">
        {cellText(example, type) || '–'}
      </span>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        className={classes['remove'] ?? ''}
        aria-label={`Remove field ${position}`}
        onClick={onRemove}
      >
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </li>
  )
}

const isGone = (known: readonly Column[], name: string) =>
  name !== '' && known.length > 0 && !known.some((column) => column.name === name)

/** The names to choose from; a chosen one that isn't there any more stays visible. */
function optionsOf(columns: readonly Column[], chosen: string, goneLabel = chosen) {
  const options = columns.map(({ name, label }) => ({
    value: name,
    // A name that only a program reads is shown where the label alone doesn't tell two of them apart.
    label: columns.some((other) => other.name !== name && other.label === label)
      ? `${label} (${name})`
      : label,
  }))
  return chosen === '' || columns.some(({ name }) => name === chosen)
    ? options
    : [{ value: chosen, label: goneLabel }, ...options]
}
