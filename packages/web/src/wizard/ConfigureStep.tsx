import type { ConnectorDefinition, FieldDefinition, Problem } from '@latchwork/contract'
import { Stack, Text, TextInput, Title } from '@mantine/core'
import { DefinedIcon } from '../app/ConnectorIcon.tsx'
import type { EndKind } from '../flows/ends/queries.ts'
import { endWords } from '../flows/ends/words.ts'
import { ChoiceTiles } from './ChoiceTiles.tsx'
import { fieldFaults } from './create.ts'
import type { EndDraft } from './draft.ts'
import { EndFields } from './EndFields.tsx'
import { maxNameLength } from './names.ts'
import { configToSend, missingAt } from './path.ts'
import { type SampleRequest, SampleSection } from './SampleSection.tsx'

interface ConfigureStepProps {
  kind: EndKind
  end: EndDraft
  connector: ConnectorDefinition
  suggestedName: string
  /** Records to show a destination's effect with; null where the source isn't known yet. */
  sampleSource: SampleRequest | null
  refusal: Problem | null
  onChange(change: (end: EndDraft) => EndDraft): void
}

/** What to read or write: templates, the connector's own fields, a name, and for a source a test. */
export function ConfigureStep(props: ConfigureStepProps) {
  const { kind, end, connector, suggestedName, sampleSource, refusal, onChange } = props
  const direction = connector[kind]
  if (direction === null) return null
  const faults = refusal === null ? {} : fieldFaults(refusal)
  const request: SampleRequest = {
    connector: connector.id,
    credentialId: end.credentialId,
    config: configToSend(direction.fields, end.config),
  }
  const set = (changes: Record<string, string>) =>
    onChange((current) => ({ ...current, config: { ...current.config, ...changes } }))
  return (
    <Stack gap="lg">
      <div>
        <Title order={2} size="h4">
          {endWords[kind].configureTitle}
        </Title>
        {connector.methods.length === 0 && (
          <Text c="dimmed" mt={4}>
            {connector.label} needs no credential: there is nothing to authenticate.
          </Text>
        )}
      </div>
      {direction.templates.length > 1 && (
        <ChoiceTiles
          label={endWords[kind].configureTitle}
          size="wide"
          choices={direction.templates.map((template) => ({
            value: template.id,
            label: template.label,
            description: template.description,
            icon: <DefinedIcon icon={template.icon} size={20} />,
          }))}
          value={end.templateId}
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
      <EndFields
        kind={kind}
        connector={connector}
        credentialId={end.credentialId}
        hidden={fixedByTemplates(connector, kind)}
        config={end.config}
        faults={faults}
        sampleSource={sampleSource}
        onChange={set}
      />
      <TextInput
        label={`Name of this ${endWords[kind].one}`}
        required
        maxLength={maxNameLength}
        maw={480}
        value={end.name ?? suggestedName}
        error={faults['name']}
        onChange={(event) => {
          const name = event.currentTarget.value
          onChange((current) => ({ ...current, name }))
        }}
        onBlur={() => {
          if (end.name?.trim() === '') onChange((current) => ({ ...current, name: null }))
        }}
      />
      {kind === 'source' && (
        <SampleSection
          request={request}
          missing={missingAt({ part: kind, step: 'configure' }, end, connector)}
        />
      )}
    </Stack>
  )
}

const withoutMappings = (fields: readonly FieldDefinition[]) =>
  Object.fromEntries(fields.filter(({ kind }) => kind === 'mapping').map(({ name }) => [name, '']))

/** Fields that every template sets and that offer a choice only: the tiles are that choice. */
function fixedByTemplates(connector: ConnectorDefinition, kind: EndKind): ReadonlySet<string> {
  const direction = connector[kind]
  if (direction === null || direction.templates.length < 2) return new Set()
  return new Set(
    direction.fields
      .filter(
        (field) =>
          field.kind === 'select' && direction.templates.every((template) => field.name in template.config),
      )
      .map((field) => field.name),
  )
}
