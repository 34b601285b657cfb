import type { ListedFlow } from '@latchwork/contract'
import { Button, Stack, Title } from '@mantine/core'
import { IconArrowsExchange, IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { credentialListQuery } from '../credentials/queries.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { FramedList } from '../ui/lists.tsx'
import { totalNumber } from '../ui/number-words.ts'
import { itemsOf, PagedList, ShowMore } from '../ui/PagedList.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { NothingFound, useSearchWords } from '../ui/SearchField.tsx'
import { AttentionList } from './AttentionList.tsx'
import { ChangeSides } from './ChangeSides.tsx'
import { DeleteFlow, EditFlow } from './FlowDialogs.tsx'
import { FlowFilters } from './FlowFilters.tsx'
import { FlowRow } from './FlowRow.tsx'
import { flowListQuery } from './queries.ts'
import { StartingPoints } from './StartingPoints.tsx'

/** Stays after it was closed, so that the focus can return to where it came from. */
type FlowDialog = { flow: ListedFlow; kind: 'edit' | 'sides' | 'delete'; opened: boolean } | null

/** The home: what needs somebody first, then every other flow with how its last runs went. */
export function FlowsPage() {
  const words = useSearchWords()
  const [dialog, setDialog] = useState<FlowDialog>(null)
  const search = useSearch({ from: '/shell/flows' })
  const navigate = useNavigate({ from: '/flows' })
  const { standing, owner, sort = 'name' } = search
  const filter = { query: words.query, standing, owner, sort }
  const needed = useInfiniteQuery(flowListQuery({ ...filter, attention: 'needed' }))
  const others = useInfiniteQuery(flowListQuery({ ...filter, attention: 'none' }))
  const failed = useInfiniteQuery(credentialListQuery({ status: 'failed', ...(owner && { owner }) }))
  const isFiltered = words.isSearching || owner !== undefined || standing !== undefined
  const credentials = words.isSearching || standing !== undefined ? [] : (itemsOf(failed) ?? [])
  const inNeed = itemsOf(needed) ?? []
  const total = (needed.data?.pages[0]?.total ?? 0) + (others.data?.pages[0]?.total ?? 0)
  const isThere = total > 0 || isFiltered || needed.data === undefined || others.data === undefined
  const menuOf = (flow: ListedFlow) => ({
    onEdit: () => setDialog({ flow, kind: 'edit', opened: true }),
    onChangeSides: () => setDialog({ flow, kind: 'sides', opened: true }),
    onDelete: () => setDialog({ flow, kind: 'delete', opened: true }),
  })
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
        actions={isThere && newButton}
      />
      {isThere && (
        <FlowFilters
          words={words}
          total={total}
          filter={search}
          onChange={(change) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })}
        />
      )}
      <Stack gap="lg">
        {credentials.length + inNeed.length > 0 && (
          <section aria-labelledby="attention">
            <Title id="attention" order={2} size="h4" mb={8}>
              {attentionTitle([
                needed.data?.pages[0],
                credentials.length === 0 ? undefined : failed.data?.pages[0],
              ])}
            </Title>
            <AttentionList credentials={credentials} flows={inNeed} menuOf={menuOf} />
            <ShowMore list={needed} />
          </section>
        )}
        <PagedList
          list={others}
          what="the flows"
          rowHeight={64}
          empty={
            inNeed.length > 0 || needed.data === undefined ? null : isFiltered ? (
              <NothingFound
                words={words}
                what="flow"
                onShowAll={() => void navigate({ search: (now) => ({ sort: now.sort }), replace: true })}
              />
            ) : (
              <NoFlows newButton={newButton} />
            )
          }
        >
          {(flows) => (
            <section aria-label="Flows that need nobody">
              <FramedList label="Flows">
                {flows.map((flow) => (
                  <FlowRow key={flow.id} flow={flow} {...menuOf(flow)} />
                ))}
              </FramedList>
            </section>
          )}
        </PagedList>
      </Stack>
      <FlowDialogs
        dialog={dialog}
        onClose={() => setDialog((current) => current && { ...current, opened: false })}
      />
    </>
  )
}

/** "3 need attention" */
function attentionTitle(
  lists: readonly ({ total: number; totalCapped?: boolean | undefined } | undefined)[],
) {
  const number = totalNumber(lists)
  return number === '1' ? '1 needs attention' : `${number} need attention`
}

function NoFlows({ newButton }: { newButton: ReactNode }) {
  return (
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
      Begin with one of these, or choose yourself where records come from and where they go. It takes about
      two minutes.
    </EmptyState>
  )
}

function FlowDialogs({ dialog, onClose }: { dialog: FlowDialog; onClose(): void }) {
  const { flow, kind, opened } = dialog ?? { flow: null, kind: null, opened: false }
  return (
    <>
      <EditFlow flow={flow} opened={opened && kind === 'edit'} onClose={onClose} />
      <ChangeSides flow={flow} opened={opened && kind === 'sides'} onClose={onClose} />
      <DeleteFlow flow={flow} opened={opened && kind === 'delete'} onClose={onClose} />
    </>
  )
}
