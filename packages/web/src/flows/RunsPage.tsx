import { Button } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { EmptyState } from '../ui/EmptyState.tsx'
import { PagedList } from '../ui/PagedList.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { runListQuery } from './queries.ts'
import { RunFilters } from './RunFilters.tsx'
import { RunList } from './RunList.tsx'
import { type RunSearch, runFilterOf } from './run-search.ts'

/** Every run, newest first. */
export function RunsPage() {
  const search = useSearch({ from: '/shell/runs' })
  const navigate = useNavigate()
  const change = (next: RunSearch) => void navigate({ to: '/runs', search: next, replace: true })
  const list = useInfiniteQuery(runListQuery(runFilterOf(search)))
  const isNarrowed = Object.values(search).some((value) => value !== undefined)
  const icon = <IconHistory size={28} stroke={1.5} />
  return (
    <>
      <PageHeader title="Runs" description="What each flow did, and when." />
      <RunFilters search={search} onChange={change} />
      <PagedList
        list={list}
        what="the runs"
        empty={
          isNarrowed ? (
            <EmptyState
              icon={icon}
              title="No run matches"
              action={
                <Button variant="default" onClick={() => change({})}>
                  Show every run
                </Button>
              }
            >
              Choose another flow, status or time, or show all of them.
            </EmptyState>
          ) : (
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
          )
        }
      >
        {(runs) => <RunList label="Runs" runs={runs} />}
      </PagedList>
    </>
  )
}
