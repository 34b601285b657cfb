import { runStatuses } from '@latchwork/contract'
import { Button, NativeSelect, Text } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorState } from '../ui/ErrorState.tsx'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { RunList } from './RunList.tsx'
import { runListQuery } from './run-queries.ts'
import { runStatusWords } from './run-words.ts'

/** Every run, newest first. */
export function RunsPage() {
  const { status } = useSearch({ from: '/shell/runs' })
  const navigate = useNavigate()
  const list = useInfiniteQuery(runListQuery(status === undefined ? {} : { status }))
  const runs = list.data?.pages.flatMap((page) => page.items)
  const everything = () => void navigate({ to: '/runs', search: {} })
  return (
    <>
      <PageHeader
        title="Runs"
        description="What each flow did, and when."
        actions={
          <NativeSelect
            aria-label="Status"
            data={[
              { value: '', label: 'Every status' },
              ...runStatuses.map((value) => ({ value, label: runStatusWords[value] })),
            ]}
            value={status ?? ''}
            onChange={(event) => {
              const chosen = runStatuses.find((candidate) => candidate === event.currentTarget.value)
              void navigate({ to: '/runs', search: chosen === undefined ? {} : { status: chosen } })
            }}
          />
        }
      />
      {runs === undefined ? (
        list.error === null ? (
          <ListSkeleton label="Loading runs" />
        ) : (
          <ErrorState
            error={list.error}
            title="The runs couldn't be loaded"
            onRetry={() => void list.refetch()}
          />
        )
      ) : runs.length > 0 ? (
        <RunList label="Runs" runs={runs} />
      ) : status === undefined ? (
        <EmptyState
          icon={<IconHistory size={28} stroke={1.5} />}
          title="Nothing has run yet"
          action={
            <Button variant="default" renderRoot={(props) => <Link to="/flows" {...props} />}>
              Go to Flows
            </Button>
          }
        >
          Run a flow, and what it did stands here.
        </EmptyState>
      ) : (
        <EmptyState
          icon={<IconHistory size={28} stroke={1.5} />}
          title={`No run is “${runStatusWords[status].toLowerCase()}”`}
          action={
            <Button variant="default" onClick={everything}>
              Show every run
            </Button>
          }
        >
          Choose another status, or show all of them.
        </EmptyState>
      )}
      {list.hasNextPage && (
        <Text ta="center" component="div" mt="md">
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show more
          </Button>
        </Text>
      )}
    </>
  )
}
