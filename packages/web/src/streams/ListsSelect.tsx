import type { Lists } from '@latchwork/contract'
import { NativeSelect } from '@mantine/core'

interface ListsSelectProps {
  value: Lists['lists']
  /** Why the destination has no tables for lists; null where it has, or isn't known yet. */
  refusal: string | null
  onChange(value: Lists['lists']): void
}

/** Whether the lists of a record have tables of their own. Not asked where the destination has none. */
export function ListsSelect({ value, refusal, onChange }: ListsSelectProps) {
  if (refusal !== null && value === undefined) return null
  return (
    <NativeSelect
      label="Lists in a record"
      description={
        value === undefined
          ? 'A list, such as email addresses, stands as JSON in its column.'
          : 'Each list has a table, with a row for each item: leads_addresses. Only PostgreSQL has these.'
      }
      error={value === undefined ? null : refusal}
      data={[
        { value: 'json', label: 'JSON in the record' },
        { value: 'tables', label: 'Tables of their own' },
      ]}
      value={value ?? 'json'}
      onChange={(event) => onChange(event.currentTarget.value === 'tables' ? 'tables' : undefined)}
    />
  )
}

/** A choice with lists that are written so. */
export function withLists<T extends Lists>(choice: T, lists: Lists['lists']): Omit<T, 'lists'> & Lists {
  const { lists: _, ...same } = choice
  return lists === undefined ? same : { ...same, lists }
}
