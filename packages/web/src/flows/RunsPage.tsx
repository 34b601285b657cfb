import { runStatuses } from '@latchwork/contract'
import { Button, NativeSelect } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { EmptyState } from '../ui/EmptyState.tsx'
import { PagedList } from '../ui/PagedList.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { runListQuery } from './queries.ts'
import { RunList } from './RunList.tsx'
import { runStatusWords } from './words.ts'

/** Every run, newest first. */
export function RunsPage() {
  const { status } = useSearch({ from: '/shell/runs' })
  const navigate = useNavigate()
  const list = useInfiniteQuery(runListQuery(status === undefined ? {} : { status }))
  const icon = <IconHistory size={28} stroke={1.5} />
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
      <PagedList
        list={list}
        what="the runs"
        empty={
          status === undefined ? (
            <EmptyState
              icon={icon}
              title="Nothing has run yet"
              action={
                <Button variant="default" renderRoot={(props) => <Link to="/flows" {...props} />}>
                  Go to Flows
                </Button>
              }
            >
              Run a flow to see here what it did.
            </EmptyState>
          ) : (
            <EmptyState
              icon={icon}
              title={`No run is “${runStatusWords[status].toLowerCase()}”`}
              action={
                <Button variant="default" onClick={() => void navigate({ to: '/runs', search: {} })}>
                  Show every run
                </Button>
              }
            >
              Choose another status, or show all of them.
            </EmptyState>
          )
        }
      >
        {(runs) => <RunList label="Runs" runs={runs} />}
      </PagedList>
    </>
  )
}
