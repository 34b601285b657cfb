import type { ConnectorDefinition } from '@latchwork/contract'
import { TextInput } from '@mantine/core'

interface SchemaInputProps {
  /** Of the destination. */
  connector: ConnectorDefinition | undefined
  config: Readonly<Record<string, string>> | undefined
  /** Null: as the destination says. */
  value: string | null
  error?: string | undefined
  onChange(schema: string | null): void
}

/** The schema of a flow's own. Nothing where its destination has no schemas. */
export function SchemaInput({ connector, config, value, error, onChange }: SchemaInputProps) {
  const field = connector?.destination?.schemaField
  if (field === undefined) return null
  const own = config?.[field] ?? ''
  return (
    <TextInput
      label="Schema"
      description={
        own === ''
          ? 'Leave it blank for the schema of the destination. It is made if it is missing.'
          : `Leave it blank for the schema of the destination, ${own}. It is made if it is missing.`
      }
      placeholder={own}
      maxLength={63}
      maw={480}
      error={error}
      value={value ?? ''}
      onChange={(event) => {
        const schema = event.currentTarget.value.trim()
        onChange(schema === '' ? null : schema)
      }}
    />
  )
}
