import { type CredentialHealth, credentialStatuses } from '@latchwork/contract'
import { Button, Group, Select, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconHeartbeat, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { EmptyState } from '../app/EmptyState.tsx'
import { ErrorState } from '../app/ErrorState.tsx'
import { ListSkeleton } from '../app/ListSkeleton.tsx'
import { PageHeader } from '../app/PageHeader.tsx'
import { StatusBadge } from '../app/StatusBadge.tsx'
import { TimeAgo } from '../app/TimeAgo.tsx'
import { totalWords } from '../app/total-words.ts'
import { HealthStrip } from './HealthStrip.tsx'
import classes from './health.module.css'
import { healthQuery } from './queries.ts'

const legend = [
  { tone: 'good', mark: '', word: 'Verified' },
  { tone: 'narrowed', mark: '–', word: 'Less rights' },
  { tone: 'warning', mark: '?', word: 'Not reached' },
  { tone: 'bad', mark: '×', word: 'Failed' },
  { tone: 'none', mark: '', word: 'Not checked' },
] as const

const saved = credentialStatuses.filter((status) => status !== 'draft')

/** How every credential stood on each of the last 30 days, what happened, and where to mend it. */
export function HealthPage() {
  const [text, setText] = useState('')
  const [query] = useDebouncedValue(text.trim(), 250)
  const [status, setStatus] = useState<(typeof saved)[number] | undefined>(undefined)
  const list = useInfiniteQuery(healthQuery({ ...(query === '' ? {} : { query }), status }))
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const firstPage = list.data?.pages[0]
  const isFiltered = query !== '' || status !== undefined
  return (
    <>
      <PageHeader
        title="Health"
        description="Every credential over the last 30 days. The worst of each day counts."
      />
      <Group gap="sm" mb="md">
        <TextInput
          aria-label="Search credentials"
          placeholder="Name, description, account or tag"
          leftSection={<IconSearch size={16} aria-hidden />}
          flex="1 1 240px"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          aria-label="Status"
          placeholder="Any status"
          clearable
          clearButtonProps={{ 'aria-label': 'Any status' }}
          data={saved.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))}
          value={status ?? null}
          onChange={(value) => setStatus(saved.find((each) => each === value))}
        />
        <Text size="sm" c="dimmed" role="status">
          {firstPage === undefined ? '' : totalWords(firstPage, 'credential')}
        </Text>
      </Group>
      <div className={classes['legend']}>
        {legend.map(({ tone, mark, word }) => (
          <span key={tone}>
            <span className={classes['day']} data-tone={tone} aria-hidden>
              {mark}
            </span>
            {word}
          </span>
        ))}
      </div>
      {list.isPending && <ListSkeleton label="Loading the health of credentials" />}
      {list.isError && items.length === 0 && (
        <ErrorState
          error={list.error}
          title="The health of credentials couldn't be loaded"
          onRetry={() => void list.refetch()}
        />
      )}
      {list.isSuccess && items.length === 0 && (
        <EmptyState
          icon={<IconHeartbeat size={28} stroke={1.5} />}
          title={isFiltered ? 'No credential matches' : 'No credentials yet'}
        >
          {isFiltered ? 'Try fewer words, or another status.' : 'Add one, and its days appear here.'}
        </EmptyState>
      )}
      <ul className={classes['list']}>
        {items.map((item) => (
          <HealthRow key={item.id} item={item} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Group justify="center" mt="md">
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show more
          </Button>
        </Group>
      )}
    </>
  )
}

function HealthRow({ item }: { item: CredentialHealth }) {
  return (
    <li className={classes['row']}>
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <Link to="/credentials" search={{ id: item.id }} className={classes['name']}>
            <bdi>{item.name}</bdi>
          </Link>
          <StatusBadge status={item.status} />
        </Group>
        <Text size="xs" c="dimmed">
          <TimeAgo at={item.statusAt} />
        </Text>
      </Group>
      {item.reason !== null && (
        <Text size="sm" mt={4}>
          {item.reason.message}
        </Text>
      )}
      <HealthStrip name={item.name} days={item.days} />
    </li>
  )
}
