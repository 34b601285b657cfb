import type { ConnectorDefinition } from '@latchwork/contract'
import { Select, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { DefinedIcon } from '../app/ConnectorIcon.tsx'
import { type EndKind, endChoicesQuery } from '../flows/ends/queries.ts'
import { endWords } from '../flows/ends/words.ts'
import { ChoiceTiles } from './ChoiceTiles.tsx'
import { type EndDraft, initialConfig, withConnector, withExisting } from './draft.ts'

interface SelectStepProps {
  kind: EndKind
  end: EndDraft
  connectors: readonly ConnectorDefinition[]
  /** A source or destination that exists may be used instead of a new one. */
  mayReuse: boolean
  onChange(change: (end: EndDraft) => EndDraft): void
  onEnter(end: EndDraft): void
}

/** Which system records come from or go to. */
export function SelectStep({ kind, end, connectors, mayReuse, onChange, onEnter }: SelectStepProps) {
  const able = connectors.filter((connector) => connector[kind] !== null)
  const choose = (id: string) => (current: EndDraft) => begin(kind, current, able, id)
  return (
    <Stack gap="lg">
      <div>
        <Title order={2} size="h4">
          {endWords[kind].selectTitle}
        </Title>
        <Text c="dimmed" mt={4}>
          {endWords[kind].selectHint}
        </Text>
      </div>
      <ChoiceTiles
        label={endWords[kind].selectTitle}
        size="wide"
        choices={able.map((connector) => ({
          value: connector.id,
          label: connector.label,
          description: connector.description,
          icon: <DefinedIcon icon={connector.icon} size={32} />,
        }))}
        value={end.existingId === null ? end.connector : null}
        onChange={(id) => onChange(choose(id))}
        onEnter={(id) => onEnter(choose(id)(end))}
      />
      {mayReuse && <Existing kind={kind} end={end} onChange={onChange} />}
    </Stack>
  )
}

function begin(
  kind: EndKind,
  end: EndDraft,
  connectors: readonly ConnectorDefinition[],
  id: string,
): EndDraft {
  const definition = connectors.find((connector) => connector.id === id)
  const next = withConnector(end, id)
  if (next === end || definition === undefined) return end
  return {
    ...next,
    templateId: definition[kind]?.templates[0]?.id ?? null,
    config: initialConfig(definition, kind),
  }
}

function Existing({ kind, end, onChange }: Pick<SelectStepProps, 'kind' | 'end' | 'onChange'>) {
  const [search, setSearch] = useState('')
  const { data } = useQuery(endChoicesQuery(kind))
  const choices = data?.items ?? []
  if (choices.length === 0) return null
  return (
    <Select
      label={endWords[kind].reuseLabel}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      description={endWords[kind].reuseHint}
      placeholder={endWords[kind].reusePlaceholder}
      maw={480}
      searchable
      clearable
      searchValue={search}
      onSearchChange={setSearch}
      nothingFoundMessage="Nothing of this name"
      clearButtonProps={{ 'aria-label': 'Choose none' }}
      data={choices.map((choice) => ({ value: choice.id, label: choice.name }))}
      value={end.existingId}
      onChange={(id) => {
        const chosen = choices.find((choice) => choice.id === id)
        onChange((current) =>
          chosen === undefined
            ? { ...current, existingId: null, connector: null }
            : withExisting(chosen.id, chosen.connector),
        )
      }}
    />
  )
}
