import { daysAgo, daysAgoWords, type FieldDefinition } from '@latchwork/contract'
import { Anchor, Group, Text, TextInput, type TextInputProps } from '@mantine/core'
import { useState } from 'react'

interface DayFieldProps
  extends Pick<TextInputProps, 'label' | 'description' | 'required' | 'error' | 'disabled'> {
  field: Pick<FieldDefinition, 'label'>
  value: string
  onChange(value: string): void
  onBlur(): void
  onFocus(): void
}

/** A day of the calendar, or so many days before each run. */
export function DayField({ field, value, onChange, ...common }: DayFieldProps) {
  const [isCounted, setIsCounted] = useState(daysAgo(value) !== null)
  // The field is as wide as a day; what explains it is not.
  const styles = { wrapper: { maxWidth: 200 } }
  const change = () => {
    setIsCounted(!isCounted)
    onChange('')
  }
  return (
    <div>
      {isCounted ? (
        <TextInput
          {...common}
          inputMode="numeric"
          autoComplete="off"
          value={daysAgo(value) ?? value}
          onChange={(event) => {
            const typed = event.currentTarget.value.trim()
            onChange(/^\d{1,4}$/.test(typed) ? daysAgoWords(Number(typed)) : typed)
          }}
          rightSection={
            <Text size="sm" c="dimmed" pe={12}>
              days ago
            </Text>
          }
          rightSectionWidth={88}
          styles={styles}
        />
      ) : (
        <TextInput
          {...common}
          type="date"
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          styles={styles}
        />
      )}
      <Group mt={4}>
        <Anchor
          component="button"
          type="button"
          size="sm"
          disabled={common.disabled}
          aria-label={`${field.label}: ${isCounted ? 'choose a day of the calendar' : 'count days back from each run'}`}
          onClick={change}
        >
          {isCounted ? 'Choose a day of the calendar' : 'Count days back from each run'}
        </Anchor>
      </Group>
    </div>
  )
}
