import { Group, SegmentedControl, Stack } from '@mantine/core'
import { IconHeartbeat } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { EmptyState } from '../ui/EmptyState.tsx'
import { totalNumber } from '../ui/number-words.ts'
import { PageHeader } from '../ui/PageHeader.tsx'
import { Pending } from '../ui/Pending.tsx'
import { SearchField, useSearchWords } from '../ui/SearchField.tsx'
import { CheckGroup } from './CheckGroup.tsx'
import { CheckLegend } from './CheckStrip.tsx'
import { checksQuery } from './queries.ts'

/** The status of every credential on each of the last 30 days. Those that need attention come first, with what to do. */
export function ChecksPage() {
  const words = useSearchWords()
  const { query } = words
  const [show, setShow] = useState<'all' | 'attention'>('all')
  const failed = useInfiniteQuery(checksQuery({ query, status: 'failed' }))
  const unverified = useInfiniteQuery(checksQuery({ query, status: 'unverified' }))
  const verified = useInfiniteQuery(checksQuery({ query, status: 'verified' }))
  const every = [failed, unverified, verified]
  const shown = show === 'all' ? every : [failed, unverified]
  const isEmpty = shown.every(({ data }) => data?.pages[0]?.total === 0)
  const unanswered = every.filter(({ data }) => data === undefined)
  const isLoaded = unanswered.length === 0
  const pending = unanswered.find(({ isError }) => isError) ?? unanswered[0]
  const labelOf = (word: string, lists: typeof every) =>
    isLoaded ? `${word} (${totalNumber(lists.map(({ data }) => data?.pages[0]))})` : word
  return (
    <>
      <PageHeader
        title="Checks"
        description="Every credential over the last 30 days. A day shows its worst check. Days are in UTC."
      />
      <Group gap="sm" mb="md">
        <SearchField
          words={words}
          what="credentials"
          placeholder="Name, description, account or tag"
          flex="1 1 240px"
          maw={400}
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
      {pending !== undefined && <Pending query={pending} what="the checks" />}
      {isLoaded && (
        <Stack gap="lg">
          {!isEmpty && <CheckLegend />}
          <CheckGroup title="Failed" list={failed} />
          <CheckGroup title="Not reached" list={unverified} />
          {show === 'all' && <CheckGroup title="Verified" list={verified} />}
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
      ? ['No credentials yet', 'Add one to see its checks here.']
      : ['Nothing needs attention', 'Every credential was accepted when it was last checked.']
  return (
    <EmptyState icon={<IconHeartbeat size={28} stroke={1.5} />} title={title ?? ''}>
      {hint}
    </EmptyState>
  )
}
