import { auditResults } from '@latchwork/contract'
import { Group, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { membersQuery } from '../members/queries.ts'
import type { AuditSearch } from './filter.ts'
import { kinds } from './sentence.ts'

interface AuditFiltersProps {
  search: AuditSearch
  onChange(search: AuditSearch): void
}

/** Narrows the log: what it was about, who, how it ended, and when. */
export function AuditFilters({ search, onChange }: AuditFiltersProps) {
  const { data: members = [] } = useQuery(membersQuery)
  const set = (name: keyof AuditSearch) => (event: { currentTarget: { value: string } }) => {
    const { [name]: _, ...rest } = search
    const { value } = event.currentTarget
    onChange(value === '' ? rest : { ...rest, [name]: value })
  }
  return (
    <Group gap="sm" my="md" align="flex-end">
      <NativeSelect
        label="About"
        data={[{ value: '', label: 'Everything' }, ...kinds]}
        value={search.kind ?? ''}
        onChange={set('kind')}
      />
      <NativeSelect
        label="By"
        data={[
          { value: '', label: 'Everybody' },
          ...members.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        value={search.actor ?? ''}
        onChange={set('actor')}
      />
      <NativeSelect
        label="Result"
        data={[
          { value: '', label: 'Any' },
          ...auditResults.map((value) => ({ value, label: resultWords[value] })),
        ]}
        value={search.result ?? ''}
        onChange={set('result')}
      />
      <TextInput type="date" label="From" value={search.from ?? ''} onChange={set('from')} />
      <TextInput type="date" label="To" value={search.to ?? ''} onChange={set('to')} />
    </Group>
  )
}

const resultWords = { ok: 'Done', refused: 'Refused', failed: 'Failed' }
