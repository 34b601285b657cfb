import { Group, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconHeartbeat, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorState } from '../ui/ErrorState.tsx'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { totalNumber } from '../ui/number-words.ts'
import { PageHeader } from '../ui/PageHeader.tsx'
import { HealthGroup } from './HealthGroup.tsx'
import { HealthLegend } from './HealthLegend.tsx'
import { healthQuery } from './queries.ts'

/** How every credential stood on each of the last 30 days: first those that need somebody, and what to do. */
export function HealthPage() {
  const [text, setText] = useState('')
  const [query] = useDebouncedValue(text.trim(), 250)
  const [show, setShow] = useState<'all' | 'attention'>('all')
  const failed = useInfiniteQuery(healthQuery({ query, status: 'failed' }))
  const unverified = useInfiniteQuery(healthQuery({ query, status: 'unverified' }))
  const verified = useInfiniteQuery(healthQuery({ query, status: 'verified' }))
  const every = [failed, unverified, verified]
  const shown = show === 'all' ? every : [failed, unverified]
  const isEmpty = shown.every(({ data }) => data?.pages[0]?.total === 0)
  const isLoaded = every.every(({ data }) => data !== undefined)
  const broken = every.find(({ isError, data }) => isError && data === undefined)
  const labelOf = (word: string, lists: typeof every) =>
    isLoaded ? `${word} (${totalNumber(lists.map(({ data }) => data?.pages[0]))})` : word
  return (
    <>
      <PageHeader
        title="Health"
        description="Every credential over the last 30 days. The worst of each day counts; days are in UTC."
      />
      <Group gap="sm" mb="md">
        <TextInput
          aria-label="Search credentials"
          placeholder="Name, description, account or tag"
          leftSection={<IconSearch size={16} aria-hidden />}
          flex="1 1 240px"
          maw={400}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label="Which credentials"
          value={show}
          onChange={setShow}
          data={[
            { value: 'all', label: labelOf('All', every) },
            { value: 'attention', label: labelOf('Needs attention', [failed, unverified]) },
          ]}
        />
      </Group>
      {broken !== undefined && (
        <ErrorState
          error={broken.error}
          title="The health of credentials couldn't be loaded"
          onRetry={() => void broken.refetch()}
        />
      )}
      {!isLoaded && broken === undefined && <ListSkeleton label="Loading the health of credentials" />}
      {isLoaded && (
        <Stack gap="lg">
          {!isEmpty && <HealthLegend />}
          <HealthGroup title="Failed" list={failed} />
          <HealthGroup title="Not reached" list={unverified} />
          {show === 'all' && <HealthGroup title="Verified" list={verified} />}
          {isEmpty && <Nothing isFiltered={query !== ''} isAll={show === 'all'} />}
        </Stack>
      )}
    </>
  )
}

function Nothing({ isFiltered, isAll }: { isFiltered: boolean; isAll: boolean }) {
  const [title, hint] = isFiltered
    ? ['No credential matches', 'Try fewer words.']
    : isAll
      ? ['No credentials yet', 'Add one, and its days appear here.']
      : ['Nothing needs attention', 'Every credential was accepted when it was last checked.']
  return (
    <EmptyState icon={<IconHeartbeat size={28} stroke={1.5} />} title={title ?? ''}>
      {hint}
    </EmptyState>
  )
}
