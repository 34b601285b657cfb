import type { FieldDefinition } from '@latchwork/contract'
import { MultiSelect, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core'
import { ExternalLink } from './ExternalLink.tsx'
import { faultSentence } from './field-rules.ts'
import classes from './fields.module.css'
import { SecretInput } from './SecretInput.tsx'

export interface DynamicFieldProps {
  field: FieldDefinition
  value: string
  error: string | undefined
  /** A secret that the server keeps: the field may stay blank. */
  kept: boolean
  disabled: boolean
  onChange(value: string): void
  onBlur(): void
  onFocus(): void
}

/** One field of a connector's form. Values are text whatever the kind: `true`, `5432`, `a,b`. */
export function DynamicField({
  field,
  value,
  error,
  kept,
  disabled,
  onChange,
  onBlur,
  onFocus,
}: DynamicFieldProps) {
  const common = {
    label: field.label,
    description: <FieldHelp field={field} value={value} />,
    required: field.required && !kept,
    error: error === undefined ? undefined : faultSentence(field.label, error),
    disabled,
    onBlur,
    onFocus,
    inputWrapperOrder: ['label', 'input', 'error', 'description'] satisfies (
      | 'label'
      | 'input'
      | 'error'
      | 'description'
    )[],
  }
  const typed = { ...common, value, placeholder: field.placeholder, autoComplete: 'off', spellCheck: false }
  const options = (field.options ?? []).map((option) => ({ value: option.value, label: option.label }))
  switch (field.kind) {
    case 'secret':
      return (
        <SecretInput
          {...typed}
          placeholder={kept ? 'Kept on the server. Type to replace it' : field.placeholder}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'text':
      return <TextInput {...typed} dir="auto" onChange={(event) => onChange(event.currentTarget.value)} />
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
      return <NumberInput {...typed} hideControls onChange={(next) => onChange(String(next))} maw={160} />
    case 'select':
      return (
        <Select
          {...common}
          data={options}
          value={value === '' ? null : value}
          allowDeselect={!field.required}
          onChange={(next) => onChange(next ?? '')}
        />
      )
    case 'multiselect':
      return (
        <MultiSelect
          {...common}
          data={options}
          value={value === '' ? [] : value.split(',')}
          onChange={(next) => onChange(next.join(','))}
        />
      )
    case 'switch':
      return (
        <Switch
          label={field.label}
          description={common.description}
          error={common.error}
          disabled={disabled}
          checked={value === 'true'}
          onChange={(event) => onChange(String(event.currentTarget.checked))}
          onBlur={onBlur}
          onFocus={onFocus}
        />
      )
    case 'file':
    case 'mapping':
      return null
  }
}

function FieldHelp({ field, value }: { field: FieldDefinition; value: string }) {
  const optionHelp = field.options?.find((option) => option.value === value)?.help
  const links = field.links ?? []
  if (field.help === undefined && optionHelp === undefined && links.length === 0) return null
  return (
    <span className={classes['help']}>
      {field.help !== undefined && <span>{field.help} </span>}
      {optionHelp !== undefined && <span>{optionHelp} </span>}
      {links.map((link) => (
        <ExternalLink key={link.url} href={link.url}>
          {link.label}
        </ExternalLink>
      ))}
    </span>
  )
}
