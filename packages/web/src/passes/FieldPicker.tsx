import type { PassObjectName } from '@latchwork/contract'
import { type ComboboxItem, MultiSelect, Text } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { fieldChoices, isFound, typedNames } from './fields.ts'
import classes from './passes.module.css'
import { fieldsQuery } from './queries.ts'

interface FieldPickerProps {
  label: string
  credentialId: string | null
  object: PassObjectName
  /** Names as in Close's API; empty: all fields. */
  value: readonly string[]
  onChange(names: string[]): void
}

/** Fields of an object, chosen by their labels. A name can be typed too, also while Close can't be asked. */
export function FieldPicker({ label, credentialId, object, value, onChange }: FieldPickerProps) {
  const fields = useQuery(fieldsQuery(credentialId, object))
  const [typed, setTyped] = useState('')
  const choices = fieldChoices(fields.data ?? null, value, typed)
  const byValue = new Map(choices.map((choice) => [choice.value, choice]))
  const foundNow = (option: ComboboxItem) => {
    const choice = byValue.get(option.value)
    return choice !== undefined && (isFound(choice, typed) || isAddition(choice.value, typed))
  }
  const gone = value.filter((name) => byValue.get(name)?.second.startsWith('Close no longer')).length
  return (
    <MultiSelect
      label={label}
      description={descriptionOf(gone, fields.error !== null)}
      searchable
      clearable
      hidePickedOptions={false}
      // The list itself scrolls, which the combobox controls by the keyboard.
      withScrollArea={false}
      classNames={{ options: classes['fields'] ?? '' }}
      placeholder={value.length === 0 ? 'All fields' : ''}
      data={choices.map(({ value: name, label: text }) => ({ value: name, label: text }))}
      value={[...value]}
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options }) => options.filter((option) => 'value' in option && foundNow(option))}
      nothingFoundMessage={fields.isFetching ? 'Looking in Close…' : 'No field is called so.'}
      renderOption={({ option, checked = false }) => (
        <div className={classes['field']}>
          <IconCheck size={16} aria-hidden data-shown={checked} />
          <span>
            <bdi>{option.label}</bdi>
            <Text span display="block" size="xs" c="dimmed">
              {byValue.get(option.value)?.second}
            </Text>
          </span>
        </div>
      )}
      onChange={(next) => onChange([...new Set(next.flatMap((name) => name.split(' ')))])}
    />
  )
}

function isAddition(value: string, typed: string): boolean {
  return typedNames(typed).join(' ').endsWith(value)
}

function descriptionOf(gone: number, isAway: boolean): string {
  const usual = 'Search by label, or type a name as in Close’s API. Blank: all.'
  if (isAway) return `Close can’t be asked for its fields now. ${usual}`
  if (gone === 0) return usual
  return `${gone === 1 ? 'One of them is' : `${gone} of them are`} not in Close any more. ${usual}`
}
