import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'

const perKind = 8
const typingPauseMs = 150

interface ThingSelectProps {
  /** Undefined: everything. */
  id: string | undefined
  name: string | undefined
  /** An empty id: everything. */
  onChange(id: string): void
}

/** Finds a credential, pass, flow, source or destination by its name, to see what happened to it. */
export function ThingSelect({ id, name, onChange }: ThingSelectProps) {
  const [text, setText] = useState('')
  const [query] = useDebouncedValue(text.trim(), typingPauseMs)
  const { data = [] } = useQuery({
    queryKey: ['audit', 'things', query],
    queryFn: () => find(query),
    placeholderData: keepPreviousData,
  })
  const isFound = id === undefined || data.some(({ items }) => items.some(({ value }) => value === id))
  const chosen = isFound ? [] : [{ group: 'Chosen', items: [{ value: id, label: name ?? id }] }]
  return (
    <Select
      label="Thing"
      placeholder="Any; type a name"
      searchable
      clearable
      // Mantine hides it from the keyboard, and there is no other way back.
      clearButtonProps={{ 'aria-label': 'Any thing', 'aria-hidden': false, tabIndex: 0 }}
      nothingFoundMessage="Nothing has this name"
      data={[...chosen, ...data]}
      filter={({ options }) => options}
      value={id ?? null}
      onSearchChange={setText}
      onChange={(value) => onChange(value ?? '')}
    />
  )
}

async function find(query: string) {
  const asked = { query: { query, limit: perKind } }
  const [credentials, passes, flows, sources, destinations] = await Promise.all([
    api.credentials.list(asked),
    api.passes.list(asked),
    api.flows.list(asked),
    api.sources.list(asked),
    api.destinations.list(asked),
  ])
  return [
    { group: 'Credentials', items: credentials.items },
    { group: 'Passes', items: passes.items },
    { group: 'Flows', items: flows.items },
    { group: 'Sources', items: sources.items },
    { group: 'Destinations', items: destinations.items },
  ].flatMap(({ group, items }) =>
    items.length === 0 ? [] : [{ group, items: items.map(({ id, name }) => ({ value: id, label: name })) }],
  )
}
