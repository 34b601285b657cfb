import type { FieldDefinition, FieldValues } from '@latchwork/contract'
import { Stack } from '@mantine/core'
import { DynamicField } from './DynamicField.tsx'

interface DynamicFieldsProps {
  /** Those that apply. */
  fields: readonly FieldDefinition[]
  values: FieldValues
  /** By field: the fault as a sentence, or as the rest of one that begins with the label. */
  errors?: Readonly<Record<string, string | undefined>>
  onChange(name: string, value: string): void
  onBlur?(field: FieldDefinition): void
  onFocus?(field: FieldDefinition): void
  /** Secrets that the server has: their fields may stay blank. */
  secretsSet?: readonly string[]
  disabled?: boolean
  /** The dialog or form that they stand in begins with the focus in the first of them. */
  focusFirst?: boolean
}

/** The part of a form that a connector defines. Fields of kinds `file` and `mapping` are drawn by their owners. */
export function DynamicFields(props: DynamicFieldsProps) {
  const { fields, values, errors = {}, secretsSet = [], disabled = false, focusFirst = false } = props
  return (
    <Stack gap="md">
      {fields.map((field, index) => (
        <DynamicField
          key={field.name}
          field={field}
          value={values[field.name] ?? ''}
          error={errors[field.name]}
          stored={secretsSet.includes(field.name)}
          disabled={disabled}
          isFirstFocus={focusFirst && index === 0}
          onChange={(value) => props.onChange(field.name, value)}
          onBlur={() => props.onBlur?.(field)}
          onFocus={() => props.onFocus?.(field)}
        />
      ))}
    </Stack>
  )
}
