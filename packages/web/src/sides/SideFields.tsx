import { type ConnectorDefinition, type FieldDefinition, visibleFields } from '@latchwork/contract'
import { Box, Stack } from '@mantine/core'
import { DynamicFields } from '../ui/DynamicFields.tsx'
import { configToSend } from './config.ts'
import { FileField } from './FileField.tsx'
import { MappingField } from './MappingField.tsx'
import type { SideKind } from './queries.ts'
import type { SampleRequest } from './SampleSection.tsx'

interface SideFieldsProps {
  kind: SideKind
  connector: ConnectorDefinition
  credentialId: string | null
  /** Fields that are set elsewhere on the page. */
  hidden: ReadonlySet<string>
  config: Readonly<Record<string, string>>
  faults: Readonly<Record<string, string>>
  /** The source whose records a mapping is made for. */
  sampleSource: SampleRequest | null
  onChange(changes: Record<string, string>): void
}

/** The fields of a source or destination as its connector defines them, files and mappings included. */
export function SideFields(props: SideFieldsProps) {
  const { kind, connector, credentialId, hidden, config, faults, sampleSource, onChange } = props
  const fields = connector[kind]?.fields ?? []
  const draw = (field: FieldDefinition) => {
    const error = faults[field.name]
    if (field.kind === 'file') {
      return (
        <FileField
          key={field.name}
          field={field}
          value={config[field.name] ?? ''}
          error={error}
          onChange={(value) => onChange({ [field.name]: value })}
        />
      )
    }
    if (field.kind === 'mapping') {
      return (
        <MappingField
          key={field.name}
          field={field}
          fields={fields}
          value={config[field.name]}
          error={error}
          source={sampleSource}
          destination={{ connector: connector.id, credentialId, config: configToSend(fields, config) }}
          onChange={(value) => onChange({ [field.name]: value })}
        />
      )
    }
    return (
      <Box key={field.name} maw={640}>
        <DynamicFields
          fields={[field]}
          values={config}
          errors={faults}
          onChange={(name, value) => onChange({ [name]: value })}
        />
      </Box>
    )
  }
  const drawn = visibleFields(fields, config).filter(({ name }) => !hidden.has(name))
  return drawn.length === 0 ? null : <Stack gap="md">{drawn.map(draw)}</Stack>
}
