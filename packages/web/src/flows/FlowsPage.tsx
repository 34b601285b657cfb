import type { Flow } from '@latchwork/contract'
import { Button, Group } from '@mantine/core'
import { IconArrowsExchange, IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { type OwnerChoice, OwnerFilter } from '../access/Owner.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { FramedList } from '../ui/lists.tsx'
import { PagedList } from '../ui/PagedList.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { NothingFound, SearchField, useSearchWords } from '../ui/SearchField.tsx'
import { DeleteFlow, EditFlow } from './FlowDialogs.tsx'
import { FlowRow } from './FlowRow.tsx'
import { flowListQuery } from './queries.ts'
import { StartingPoints } from './StartingPoints.tsx'

/** Stays after it was closed, so that the focus can return to where it came from. */
type FlowDialog = { flow: Flow; kind: 'edit' | 'delete'; opened: boolean } | null

/** Every flow: what it moves, how its last run went, and the way to run it now. */
export function FlowsPage() {
  const words = useSearchWords()
  const [dialog, setDialog] = useState<FlowDialog>(null)
  const [owner, setOwner] = useState<OwnerChoice>(undefined)
  const list = useInfiniteQuery(flowListQuery(words.query, owner))
  const isFiltered = words.isSearching || owner !== undefined
  const total = list.data?.pages[0]?.total ?? 0
  const newButton = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      renderRoot={(props) => <Link to="/flows/new" {...props} />}
    >
      New data flow
    </Button>
  )
  return (
    <>
      <PageHeader
        title="Flows"
        description="A flow reads a data source and writes to a data destination."
        actions={(total > 0 || isFiltered) && newButton}
      />
      {(total > 0 || isFiltered) && (
        <Group gap="sm" mb="md">
          <SearchField words={words} total={total} what="flows" flex="0 1 320px" />
          <OwnerFilter value={owner} onChange={setOwner} />
        </Group>
      )}
      <PagedList
        list={list}
        what="the flows"
        rowHeight={72}
        empty={
          isFiltered ? (
            <NothingFound words={words} what="flow" onShowAll={() => setOwner(undefined)} />
          ) : (
            <EmptyState
              icon={<IconArrowsExchange size={28} stroke={1.5} />}
              title="No flows yet"
              action={
                <>
                  <StartingPoints />
                  {newButton}
                </>
              }
            >
              Begin with one of these, or choose yourself where records come from and where they go. It takes
              about two minutes.
            </EmptyState>
          )
        }
      >
        {(flows) => (
          <FramedList label="Flows">
            {flows.map((flow) => (
              <FlowRow
                key={flow.id}
                flow={flow}
                onEdit={() => setDialog({ flow, kind: 'edit', opened: true })}
                onDelete={() => setDialog({ flow, kind: 'delete', opened: true })}
              />
            ))}
          </FramedList>
        )}
      </PagedList>
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
