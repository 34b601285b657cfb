import type { Flow } from '@latchwork/contract'
import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconArrowsExchange, IconPlus, IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorState } from '../ui/ErrorState.tsx'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { DeleteFlow } from './DeleteFlow.tsx'
import { EditFlow } from './EditFlow.tsx'
import { FlowRow } from './FlowRow.tsx'
import classes from './FlowsPage.module.css'
import { flowListQuery } from './queries.ts'

const typingPauseMs = 250
/** From here on a list is long enough to be searched. */
const searchFrom = 9

/** Stays after it was closed, so that the focus can return to where it came from. */
type FlowDialog = { flow: Flow; kind: 'edit' | 'delete'; opened: boolean } | null

/** Every flow: what it moves, how its last run went, and the way to run it now. */
export function FlowsPage() {
  const [typed, setTyped] = useState('')
  const [query] = useDebouncedValue(typed.trim(), typingPauseMs)
  const [dialog, setDialog] = useState<FlowDialog>(null)
  const list = useInfiniteQuery({ ...flowListQuery(query), placeholderData: keepPreviousData })
  const flows = list.data?.pages.flatMap((page) => page.items)
  const total = list.data?.pages[0]?.total ?? 0
  const isSearching = query !== '' || typed !== ''

  return (
    <>
      <PageHeader
        title="Flows"
        description="A flow reads a data source and writes to a data destination."
        actions={
          flows !== undefined &&
          (flows.length > 0 || isSearching) && (
            <Button
              leftSection={<IconPlus size={16} aria-hidden />}
              renderRoot={(props) => <Link to="/flows/new" {...props} />}
            >
              New data flow
            </Button>
          )
        }
      />
      {(isSearching || total >= searchFrom) && (
        <TextInput
          type="search"
          aria-label="Search flows"
          placeholder="Search by name"
          leftSection={<IconSearch size={16} aria-hidden />}
          maw={320}
          mb="md"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      {flows === undefined ? (
        list.error === null ? (
          <ListSkeleton label="Loading flows" rowHeight={72} />
        ) : (
          <ErrorState
            error={list.error}
            title="The flows couldn't be loaded"
            onRetry={() => void list.refetch()}
          />
        )
      ) : flows.length > 0 ? (
        <ul className={classes['list']} aria-label="Flows">
          {flows.map((flow) => (
            <FlowRow
              key={flow.id}
              flow={flow}
              onEdit={() => setDialog({ flow, kind: 'edit', opened: true })}
              onDelete={() => setDialog({ flow, kind: 'delete', opened: true })}
            />
          ))}
        </ul>
      ) : isSearching ? (
        <EmptyState
          icon={<IconSearch size={28} stroke={1.5} />}
          title="No flow of this name"
          action={
            <Button variant="default" onClick={() => setTyped('')}>
              Show every flow
            </Button>
          }
        >
          Try fewer words, or another spelling.
        </EmptyState>
      ) : (
        <EmptyState
          icon={<IconArrowsExchange size={28} stroke={1.5} />}
          title="No flows yet"
          action={
            <Button
              leftSection={<IconPlus size={16} aria-hidden />}
              renderRoot={(props) => <Link to="/flows/new" {...props} />}
            >
              New data flow
            </Button>
          }
        >
          Choose where records come from and where they go: from Close into a file or a table, or from a file
          into Close. It takes about two minutes.
        </EmptyState>
      )}
      {list.hasNextPage && (
        <div className={classes['more']}>
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
      <FlowDialogs
        dialog={dialog}
        onClose={() => setDialog((current) => current && { ...current, opened: false })}
      />
    </>
  )
}

function FlowDialogs({ dialog, onClose }: { dialog: FlowDialog; onClose(): void }) {
  const { flow, kind, opened } = dialog ?? { flow: null, kind: null, opened: false }
  return (
    <>
      <EditFlow flow={flow} opened={opened && kind === 'edit'} onClose={onClose} />
      <DeleteFlow flow={flow} opened={opened && kind === 'delete'} onClose={onClose} />
    </>
  )
}
