import {
  type FieldDefinition,
  type FlowStream,
  faultSentence,
  listOf,
  type OfferedStream,
  offeredName,
  readFields,
  visibleFields,
} from '@latchwork/contract'
import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SampleRequest } from '../sides/SampleSection.tsx'
import { DynamicField } from '../ui/DynamicField.tsx'
import { optionsQuery } from './queries.ts'

interface ParameterFieldsProps {
  /** Null while it isn't known. */
  source: SampleRequest | null
  stream: OfferedStream
  choice: FlowStream
  onChange(parameters: FlowStream['parameters']): void
}

/** What is kept of a stream, or how a stream by hand is read. */
export function ParameterFields({ source, stream, choice, onChange }: ParameterFieldsProps) {
  const { parameters } = choice
  // Somebody may be about to type another value. When it is left empty, what counts then is shown.
  const [emptied, setEmptied] = useState<string | null>(null)
  const { faults } = readFields(stream.parameters, parameters)
  // What is missing is said beside the stream: somebody may still be filling it in.
  const faultOf = (name: string) =>
    faults.find(({ field, rule }) => field === name && rule !== 'required')?.message
  return (
    <Stack gap="md">
      {visibleFields(stream.parameters, parameters).map((field) => (
        <ParameterField
          key={field.name}
          {...{ source, field }}
          stream={offeredName(stream.name)}
          value={parameters[field.name] ?? (emptied === field.name ? '' : (field.defaultValue ?? ''))}
          error={faultOf(field.name)}
          onChange={(value) => {
            setEmptied(value === '' ? field.name : null)
            const { [field.name]: _before, ...others } = parameters
            onChange(value === '' ? others : { ...others, [field.name]: value })
          }}
          onBlur={() => setEmptied(null)}
        />
      ))}
    </Stack>
  )
}

interface ParameterFieldProps {
  source: SampleRequest | null
  /** As the source calls it. */
  stream: string
  field: FieldDefinition
  value: string
  error: string | undefined
  onChange(value: string): void
  onBlur(): void
}

function ParameterField({ source, stream, field, value, error, onChange, onBlur }: ParameterFieldProps) {
  const isChoice = field.kind === 'select' || field.kind === 'multiselect'
  const isOfAccount = field.optionsFrom === 'account'
  const options = useQuery(optionsQuery(isOfAccount ? source : null, { stream, parameter: field.name }))
  const offered = isOfAccount ? (options.data ?? []) : field.options
  // What was chosen before can still be seen, and taken away.
  const gone = listOf(isOfAccount ? value : '').filter((id) => !offered?.some((each) => each.value === id))
  const goneOptions = gone.map((id) => ({
    value: id,
    label: options.isPending ? 'One moment…' : `Not there any more (${id})`,
  }))
  const failure = options.error === null ? undefined : faultSentence(field.label, 'can’t be chosen now. ')
  return (
    <DynamicField
      field={{
        ...field,
        placeholder: field.placeholder ?? (isChoice ? 'Any' : undefined),
        ...(offered === undefined ? {} : { options: [...offered, ...goneOptions] }),
      }}
      value={value}
      error={options.error === null ? error : `${failure}${options.error.message}`}
      stored={false}
      disabled={isOfAccount && options.isLoading}
      isFirstFocus={false}
      onChange={onChange}
      onBlur={onBlur}
      onFocus={() => undefined}
    />
  )
}
