import {
  type ConnectorDefinition,
  type FieldDefinition,
  maxNameLength,
  mustChoose,
  type Problem,
} from '@latchwork/contract'
import { Stack, Text, TextInput, Title } from '@mantine/core'
import type { ComponentProps } from 'react'
import { configToSend, fieldFaults } from '../sides/config.ts'
import { hasOwnPreview, PreviewSection } from '../sides/PreviewSection.tsx'
import type { SideKind } from '../sides/queries.ts'
import { type SampleRequest, SampleSection } from '../sides/SampleSection.tsx'
import { SideFields } from '../sides/SideFields.tsx'
import { sideWords } from '../sides/words.ts'
import { StreamPicker } from '../streams/StreamPicker.tsx'
import { ChoiceTiles } from '../ui/ChoiceTiles.tsx'
import { DefinedIcon } from '../ui/ConnectorIcon.tsx'
import { type SideDraft, templateOf } from './draft.ts'
import { missingAt } from './path.ts'

interface ConfigureStepProps {
  kind: SideKind
  side: SideDraft
  connector: ConnectorDefinition
  suggestedName: string
  /** Records to show a destination's effect with; null where the source isn't known yet. */
  sampleSource: SampleRequest | null
  /** What the flow reads of the source, where the source's form leaves that to it; else null. */
  choosing: ComponentProps<typeof StreamPicker> | null
  refusal: Problem | null
  onChange(change: (side: SideDraft) => SideDraft): void
}

/** What to read or write: templates, the connector's own fields, a name, and for a source a test. */
export function ConfigureStep(props: ConfigureStepProps) {
  const { kind, side, connector, suggestedName, sampleSource, choosing, refusal, onChange } = props
  const direction = connector[kind]
  if (direction === null) return null
  /** One that exists is used as it is: only the flow's own choice is made. */
  const isNew = side.existingId === null
  const faults = refusal === null ? {} : fieldFaults(refusal)
  const request: SampleRequest = {
    connector: connector.id,
    credentialId: side.credentialId,
    config: configToSend(direction.fields, side.config),
  }
  const set = (changes: Record<string, string>) =>
    onChange((current) => {
      const config = { ...current.config, ...changes }
      return { ...current, config, templateId: templateOf(direction, config, current.templateId) }
    })
  return (
    <Stack gap="lg">
      <div>
        <Title order={2} size="h4">
          {sideWords[kind].configureTitle}
        </Title>
        {connector.methods.length === 0 && (
          <Text c="dimmed" mt={4}>
            This needs no credential.
          </Text>
        )}
      </div>
      {isNew && direction.templates.length > 1 && (
        <ChoiceTiles
          label={sideWords[kind].configureTitle}
          size="wide"
          choices={direction.templates.map((template) => ({
            value: template.id,
            label: template.label,
            description: template.description,
            icon: <DefinedIcon icon={template.icon} size={20} />,
          }))}
          value={side.templateId}
          onChange={(templateId) => {
            const template = direction.templates.find(({ id }) => id === templateId)
            onChange((current) => ({
              ...current,
              templateId,
              // A mapping is made for one object: another object has other fields.
              config: { ...current.config, ...withoutMappings(direction.fields), ...template?.config },
            }))
          }}
        />
      )}
      {isNew && (
        <SideFields
          kind={kind}
          connector={connector}
          credentialId={side.credentialId}
          hidden={fixedByTemplates(connector, kind)}
          config={side.config}
          faults={faults}
          sampleSource={sampleSource}
          onChange={set}
        />
      )}
      {choosing === null && kind === 'source' && mustChoose(connector, side.config) && (
        <Text c="dimmed">Each flow that reads this source chooses its streams.</Text>
      )}
      {choosing !== null && <StreamPicker {...choosing} />}
      {isNew && (
        <TextInput
          label={`Name of this ${sideWords[kind].one}`}
          required
          maxLength={maxNameLength}
          maw={480}
          value={side.name ?? suggestedName}
          error={faults['name']}
          onChange={(event) => {
            const name = event.currentTarget.value
            onChange((current) => ({ ...current, name }))
          }}
          onBlur={() => {
            if (side.name?.trim() === '') onChange((current) => ({ ...current, name: null }))
          }}
        />
      )}
      {kind === 'source' && isNew && !mustChoose(connector, side.config) && (
        <SampleSection
          request={request}
          missing={missingAt({ part: kind, step: 'configure' }, side, connector)}
        />
      )}
      {kind === 'destination' && sampleSource !== null && hasOwnPreview(connector) && (
        <PreviewSection
          source={sampleSource}
          destination={request}
          missing={missingAt({ part: kind, step: 'configure' }, side, connector)}
        />
      )}
    </Stack>
  )
}

const withoutMappings = (fields: readonly FieldDefinition[]) =>
  Object.fromEntries(fields.filter(({ kind }) => kind === 'mapping').map(({ name }) => [name, '']))

/** Fields that every template sets and of which there is a template for each choice: the tiles are that choice. */
function fixedByTemplates(connector: ConnectorDefinition, kind: SideKind): ReadonlySet<string> {
  const direction = connector[kind]
  if (direction === null || direction.templates.length < 2) return new Set()
  return new Set(
    direction.fields
      .filter(
        (field) =>
          field.kind === 'select' &&
          direction.templates.every((template) => field.name in template.config) &&
          field.options?.every(({ value }) =>
            direction.templates.some((template) => template.config[field.name] === value),
          ),
      )
      .map((field) => field.name),
  )
}
