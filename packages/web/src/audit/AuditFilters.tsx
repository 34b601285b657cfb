import { auditResults } from '@latchwork/contract'
import { NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { membersQuery } from '../members/queries.ts'
import classes from './audit.module.css'
import type { AuditSearch } from './filter.ts'
import { kinds } from './sentence.ts'
import { ThingSelect } from './ThingSelect.tsx'

interface AuditFiltersProps {
  search: AuditSearch
  /** The name of the thing that the log is narrowed to, once an entry has it. */
  objectName: string | undefined
  onChange(search: AuditSearch): void
}

/** Narrows the log: what it was about, who, how it ended, and when. */
export function AuditFilters({ search, objectName, onChange }: AuditFiltersProps) {
  const { data: members = [] } = useQuery(membersQuery)
  const set = (name: keyof AuditSearch) => (event: { currentTarget: { value: string } }) => {
    const { [name]: _, ...rest } = search
    const { value } = event.currentTarget
    onChange(value === '' ? rest : { ...rest, [name]: value })
  }
  return (
    <div className={classes['filters']}>
      <NativeSelect
        label="About"
        data={[{ value: '', label: 'Everything' }, ...kinds]}
        value={search.kind ?? ''}
        onChange={set('kind')}
      />
      <ThingSelect
        id={search.object}
        name={objectName}
        onChange={(id) => set('object')({ currentTarget: { value: id } })}
      />
      <NativeSelect
        label="By"
        data={[
          { value: '', label: 'Everybody' },
          ...members.map(({ id, name, email }) => ({ value: id, label: `${name} (${email})` })),
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
    </div>
  )
}

const resultWords = { ok: 'Done', refused: 'Refused', failed: 'Failed' }
