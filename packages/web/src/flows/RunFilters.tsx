import { type RunStarter, runStatuses } from '@latchwork/contract'
import { NativeSelect, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { membersQuery } from '../members/queries.ts'
import { flowQuery } from './queries.ts'
import classes from './RunFilters.module.css'
import { type RunSearch, runSearchSchema } from './run-search.ts'
import { runStatusWords } from './words.ts'

const flowsOffered = 20
const typingPauseMs = 150

const starterWords: Record<RunStarter, string> = { schedule: 'A schedule', person: 'A person' }
/** Before a name, where the other choices are words of ours. */
const personMark = 'by '

interface RunFiltersProps {
  search: RunSearch
  onChange(search: RunSearch): void
}

/** Narrows the list of runs: of which flow, how they ended, who began them, and when. */
export function RunFilters({ search, onChange }: RunFiltersProps) {
  const set = (name: keyof RunSearch, value: string) => {
    const { [name]: _, ...rest } = search
    onChange(value === '' ? rest : { ...rest, [name]: value })
  }
  const setting = (name: keyof RunSearch) => (event: { currentTarget: { value: string } }) =>
    set(name, event.currentTarget.value)
  return (
    <div className={classes['filters']}>
      <FlowSelect id={search.flow} onChange={(id) => set('flow', id)} />
      <NativeSelect
        label="Status"
        data={[
          { value: '', label: 'Every status' },
          ...runStatuses.map((value) => ({ value, label: runStatusWords[value] })),
        ]}
        value={search.status ?? ''}
        onChange={setting('status')}
      />
      <StarterSelect search={search} onChange={onChange} />
      <TextInput type="date" label="From" value={search.from ?? ''} onChange={setting('from')} />
      <TextInput type="date" label="To" value={search.to ?? ''} onChange={setting('to')} />
    </div>
  )
}

/** A schedule, anybody, or one person. */
function StarterSelect({ search, onChange }: RunFiltersProps) {
  const { starter, by, ...others } = search
  const { data: members = [] } = useQuery(membersQuery)
  const names = members.map(({ name }) => name)
  const people = [...new Set(by === undefined ? names : [...names, by])]
  return (
    <NativeSelect
      label="Begun by"
      data={[
        { value: '', label: 'Anybody' },
        ...Object.entries(starterWords).map(([value, label]) => ({ value, label })),
        {
          group: 'One person',
          items: people.map((name) => ({ value: `${personMark}${name}`, label: name })),
        },
      ]}
      value={by === undefined ? (starter ?? '') : `${personMark}${by}`}
      onChange={({ currentTarget: { value } }) => {
        if (value.startsWith(personMark)) onChange({ ...others, by: value.slice(personMark.length) })
        else onChange({ ...others, ...runSearchSchema.pick({ starter: true }).parse({ starter: value }) })
      }}
    />
  )
}

/** Finds a flow by its name. An empty id: every flow. */
function FlowSelect({ id, onChange }: { id: string | undefined; onChange(id: string): void }) {
  const [text, setText] = useState('')
  const [query] = useDebouncedValue(text.trim(), typingPauseMs)
  const chosen = useQuery({ ...flowQuery(id ?? ''), enabled: id !== undefined }).data
  const { data: found = [] } = useQuery({
    queryKey: ['flows', 'named', query],
    queryFn: async () => (await api.flows.list({ query: { query, limit: flowsOffered } })).items,
    placeholderData: keepPreviousData,
  })
  const names = new Map(found.map((flow) => [flow.id as string, flow.name]))
  if (id !== undefined && !names.has(id)) names.set(id, chosen?.name ?? id)
  return (
    <Select
      label="Flow"
      placeholder="Every flow"
      searchable
      clearable
      // Mantine hides it from the keyboard, and there is no other way back.
      clearButtonProps={{ 'aria-label': 'Every flow', 'aria-hidden': false, tabIndex: 0 }}
      nothingFoundMessage="No flow has this name"
      data={[...names].map(([value, label]) => ({ value, label }))}
      filter={({ options }) => options}
      value={id ?? null}
      onSearchChange={setText}
      onChange={(value) => onChange(value ?? '')}
    />
  )
}
