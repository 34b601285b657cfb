import { Select, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { TextLink } from '../ui/TextLink.tsx'
import { sideChoicesQuery } from './queries.ts'
import type { SampleRequest } from './SampleSection.tsx'

/** Chooses the data source whose columns are mapped, where no flow says which. */
export function SourcePicker({ onPick }: { onPick(source: SampleRequest | null): void }) {
  const { data } = useQuery(sideChoicesQuery('source'))
  const [id, setId] = useState<string | null>(null)
  if (data?.items.length === 0) {
    return (
      <Text>
        There is no data source yet. Type the names of its future columns, or{' '}
        <TextLink to="/sources/new">make a data source</TextLink> first.
      </Text>
    )
  }
  return (
    <Select
      label="Map the columns of"
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      description="The first records of this data source are shown below. Without one, type the names of the columns."
      placeholder="Choose a data source"
      maw={480}
      searchable
      data={data?.items.map((source) => ({ value: source.id, label: source.name })) ?? []}
      value={id}
      onChange={(chosen) => {
        const source = data?.items.find((candidate) => candidate.id === chosen)
        setId(source?.id ?? null)
        onPick(
          source === undefined
            ? null
            : { connector: source.connector, credentialId: source.credentialId, config: source.config },
        )
      }}
    />
  )
}
