import { type FieldDefinition, faultSentence } from '@latchwork/contract'
import { type ComboboxData, MultiSelect, Select, Textarea, TextInput } from '@mantine/core'
import type { ClipboardEvent } from 'react'
import { DayField } from './DayField.tsx'
import { ExternalLink } from './ExternalLink.tsx'
import classes from './fields.module.css'
import { SecretInput } from './SecretInput.tsx'

export interface DynamicFieldProps {
  field: FieldDefinition
  value: string
  error: string | undefined
  /** A secret that the server has: the field may stay blank. */
  stored: boolean
  disabled: boolean
  /** Has the focus when its dialog or form opens. */
  isFirstFocus: boolean
  onChange(value: string): void
  onBlur(): void
  onFocus(): void
}

/** A list of more choices than this can be searched. */
const manyOptions = 12

/** One field of a connector's form. Values are text whatever the kind: `true`, `5432`, `a,b`. */
export function DynamicField({
  field,
  value,
  error,
  stored,
  disabled,
  isFirstFocus,
  onChange,
  onBlur,
  onFocus,
}: DynamicFieldProps) {
  const common = {
    label: field.label,
    description: <FieldHelp field={field} value={value} withText={error === undefined} />,
    required: field.required && !stored,
    error: error === undefined ? undefined : faultSentence(field.label, error),
    disabled,
    'data-autofocus': isFirstFocus || undefined,
    onBlur,
    onFocus,
  }
  // A line break in what is pasted would vanish silently; as a space it is found and said.
  const onPaste = (event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = event.clipboardData.getData('text').trim()
    if (field.noInnerSpace !== true || !/[\r\n]/.test(pasted)) return
    event.preventDefault()
    onChange(pasted.replaceAll(/\s+/g, ' '))
  }
  const typed = { ...common, value, placeholder: field.placeholder, autoComplete: 'off', spellCheck: false }
  const options = groupedOptions(field.options ?? [])
  switch (field.kind) {
    case 'secret':
      return (
        <SecretInput
          {...typed}
          placeholder={stored ? 'Stored on the server. Type to replace it' : field.placeholder}
          onChange={(event) => onChange(event.currentTarget.value)}
          onPaste={onPaste}
        />
      )
    case 'text':
      return (
        <TextInput
          {...typed}
          dir="auto"
          onChange={(event) => onChange(event.currentTarget.value)}
          onPaste={onPaste}
        />
      )
    case 'textarea':
      return (
        <Textarea
          {...typed}
          autosize
          minRows={2}
          maxRows={8}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'number':
      return (
        <TextInput
          {...typed}
          placeholder={field.placeholder ?? field.defaultValue}
          inputMode="numeric"
          onChange={(event) => onChange(event.currentTarget.value)}
          maw={160}
        />
      )
    case 'date':
      return <DayField {...common} field={field} value={value} onChange={onChange} />
    case 'select':
      return (
        <Select
          {...common}
          data={options}
          searchable={(field.options?.length ?? 0) > manyOptions}
          nothingFoundMessage="Nothing of that name"
          placeholder={field.placeholder}
          value={value === '' ? null : value}
          allowDeselect={!field.required}
          clearable={!field.required}
          onChange={(next) => onChange(next ?? '')}
        />
      )
    case 'multiselect':
      return (
        <MultiSelect
          {...common}
          data={options}
          searchable
          nothingFoundMessage="Nothing of that name"
          hidePickedOptions
          placeholder={value === '' ? field.placeholder : undefined}
          value={value === '' ? [] : value.split(',')}
          onChange={(next) => onChange(next.join(','))}
        />
      )
    case 'file':
    case 'mapping':
      return null
  }
}

/** The choices under the names of their groups, where they have some. */
function groupedOptions(options: NonNullable<FieldDefinition['options']>): ComboboxData {
  const groups = Map.groupBy(options, ({ group }) => group)
  return [...groups].flatMap(([group, members]): ComboboxData => {
    const items = members.map(({ value, label }) => ({ value, label }))
    return group === undefined ? items : [{ group, items }]
  })
}

/** Help under a field. An error takes the place of its text, so that what follows moves as little as possible. */
function FieldHelp({ field, value, withText }: { field: FieldDefinition; value: string; withText: boolean }) {
  const help = withText ? field.help : undefined
  const optionHelp = field.options?.find((option) => option.value === value)?.help
  const links = field.links ?? []
  if (help === undefined && optionHelp === undefined && links.length === 0) return null
  return (
    <span className={classes['help']}>
      {help !== undefined && <span>{help} </span>}
      {optionHelp !== undefined && <span>{optionHelp} </span>}
      {links.map((link) => (
        <ExternalLink key={link.url} href={link.url}>
          {link.label}
        </ExternalLink>
      ))}
    </span>
  )
}
