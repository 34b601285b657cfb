import { type FlowSort, type FlowStanding, flowSorts, flowStandings } from '@latchwork/contract'
import { Group, NativeSelect, Select } from '@mantine/core'
import { type OwnerChoice, OwnerFilter } from '../access/Owner.tsx'
import { SearchField, type SearchWords } from '../ui/SearchField.tsx'

/** What a list of flows is limited to, and its order, as the address has it. */
export interface FlowFilter {
  readonly standing?: FlowStanding | undefined
  readonly owner?: OwnerChoice
  readonly sort?: FlowSort | undefined
}

const standingWords: Record<FlowStanding, string> = {
  failed: 'Failed',
  partial: 'Partial',
  late: 'Late',
  paused: 'Paused, access withdrawn',
  running: 'Running',
  paused_by_hand: 'Paused by somebody',
  never_run: 'Never run',
}
const sortWords: Record<FlowSort, string> = {
  name: 'By name',
  freshAt: 'Least fresh first',
  '-createdAt': 'Newest first',
}

interface FlowFiltersProps {
  words: SearchWords
  total: number
  filter: FlowFilter
  onChange(change: FlowFilter): void
}

/** Search, filters and order above the list of flows. */
export function FlowFilters({ words, total, filter, onChange }: FlowFiltersProps) {
  return (
    <Group gap="sm" mb="md">
      <SearchField words={words} total={total} what="flows" flex="1 1 200px" maw={320} />
      <Select
        aria-label="Status"
        placeholder="Any status"
        flex="1 1 152px"
        maw={200}
        clearable
        clearButtonProps={{ 'aria-label': 'Any status' }}
        data={flowStandings.map((value) => ({ value, label: standingWords[value] }))}
        value={filter.standing ?? null}
        onChange={(chosen) => onChange({ standing: flowStandings.find((each) => each === chosen) })}
      />
      <OwnerFilter value={filter.owner} onChange={(owner) => onChange({ owner })} />
      <NativeSelect
        aria-label="Order"
        flex="1 1 136px"
        maw={168}
        data={flowSorts.map((value) => ({ value, label: sortWords[value] }))}
        value={filter.sort ?? 'name'}
        onChange={({ currentTarget }) => {
          const sort = flowSorts.find((each) => each === currentTarget.value)
          onChange({ sort: sort === 'name' ? undefined : sort })
        }}
      />
    </Group>
  )
}
