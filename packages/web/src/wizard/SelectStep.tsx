import type { ConnectorDefinition } from '@latchwork/contract'
import { Select, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ComparedAbilities } from '../sides/Abilities.tsx'
import { type SideKind, sideChoicesQuery } from '../sides/queries.ts'
import { sideWords } from '../sides/words.ts'
import { ChoiceTiles } from '../ui/ChoiceTiles.tsx'
import { DefinedIcon } from '../ui/ConnectorIcon.tsx'
import { newSide, type SideDraft, withExisting } from './draft.ts'

interface SelectStepProps {
  kind: SideKind
  side: SideDraft
  connectors: readonly ConnectorDefinition[]
  /** A source or destination that exists may be used instead of a new one. */
  mayReuse: boolean
  onChange(change: (side: SideDraft) => SideDraft): void
  onGo(side: SideDraft): void
}

/** Which system records come from or go to. */
export function SelectStep({ kind, side, connectors, mayReuse, onChange, onGo }: SelectStepProps) {
  const able = connectors.filter((connector) => connector[kind] !== null)
  const choose = (id: string) => (current: SideDraft) => begin(kind, current, able, id)
  return (
    <Stack gap="lg">
      <div>
        <Title order={2} size="h4">
          {sideWords[kind].selectTitle}
        </Title>
        <Text c="dimmed" mt={4}>
          {sideWords[kind].selectHint}
        </Text>
      </div>
      <ChoiceTiles
        label={sideWords[kind].selectTitle}
        size="wide"
        choices={able.map((connector) => ({
          value: connector.id,
          label: connector.label,
          description: connector.description,
          icon: <DefinedIcon icon={connector.icon} size={32} />,
        }))}
        value={side.existingId === null ? side.connector : null}
        onChange={(id) => onChange(choose(id))}
        onGo={(id) => onGo(choose(id)(side))}
      />
      {mayReuse && <Existing kind={kind} side={side} onChange={onChange} />}
      {kind === 'destination' && <ComparedAbilities connectors={able} />}
    </Stack>
  )
}

function begin(
  kind: SideKind,
  side: SideDraft,
  connectors: readonly ConnectorDefinition[],
  id: string,
): SideDraft {
  const definition = connectors.find((connector) => connector.id === id)
  const isSame = side.connector === id && side.existingId === null
  return isSame || definition === undefined ? side : newSide(definition, kind)
}

function Existing({ kind, side, onChange }: Pick<SelectStepProps, 'kind' | 'side' | 'onChange'>) {
  const [search, setSearch] = useState('')
  const { data } = useQuery(sideChoicesQuery(kind))
  const choices = data?.items ?? []
  if (choices.length === 0) return null
  return (
    <Select
      label={sideWords[kind].reuseLabel}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      description={sideWords[kind].reuseHint}
      placeholder={sideWords[kind].reusePlaceholder}
      maw={480}
      searchable
      clearable
      searchValue={search}
      onSearchChange={setSearch}
      nothingFoundMessage="Nothing of this name"
      clearButtonProps={{ 'aria-label': 'Choose none' }}
      data={choices.map((choice) => ({ value: choice.id, label: choice.name }))}
      value={side.existingId}
      onChange={(id) => {
        const chosen = choices.find((choice) => choice.id === id)
        onChange((current) =>
          chosen === undefined ? { ...current, existingId: null, connector: null } : withExisting(chosen),
        )
      }}
    />
  )
}
