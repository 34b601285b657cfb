import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconDatabaseExport, IconDatabaseImport, IconPlus, IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorState } from '../ui/ErrorState.tsx'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { type SideKind, sideListQuery } from './queries.ts'
import { SideDrawer } from './SideDrawer.tsx'
import { SideRow } from './SideRow.tsx'
import classes from './SidesPage.module.css'
import { sideWords } from './words.ts'

const typingPauseMs = 250
/** From here on a list is long enough to be searched. */
const searchFrom = 9

/** Data sources. */
export function SourcesPage() {
  return <SidesPage kind="source" />
}

/** Data destinations. */
export function DestinationsPage() {
  return <SidesPage kind="destination" />
}

function SidesPage({ kind }: { kind: SideKind }) {
  const words = sideWords[kind]
  const { id } = useSearch({ from: kind === 'source' ? '/shell/sources' : '/shell/destinations' })
  const navigate = useNavigate()
  const [typed, setTyped] = useState('')
  const [query] = useDebouncedValue(typed.trim(), typingPauseMs)
  const list = useInfiniteQuery({ ...sideListQuery(kind, query), placeholderData: keepPreviousData })
  const sides = list.data?.pages.flatMap((page) => page.items)
  const total = list.data?.pages[0]?.total ?? 0
  const isSearching = query !== '' || typed !== ''
  const newButton = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      renderRoot={(props) => <Link to={words.newAddress} {...props} />}
    >
      {words.newLabel}
    </Button>
  )
  return (
    <>
      <PageHeader
        title={words.title}
        description={words.description}
        actions={sides !== undefined && (sides.length > 0 || isSearching) && newButton}
      />
      {(isSearching || total >= searchFrom) && (
        <TextInput
          type="search"
          aria-label={`Search ${words.title.toLowerCase()}`}
          placeholder="Search by name"
          leftSection={<IconSearch size={16} aria-hidden />}
          maw={320}
          mb="md"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      {sides === undefined ? (
        list.error === null ? (
          <ListSkeleton label={`Loading ${words.title.toLowerCase()}`} />
        ) : (
          <ErrorState
            error={list.error}
            title={`The ${words.title.toLowerCase()} couldn't be loaded`}
            onRetry={() => void list.refetch()}
          />
        )
      ) : sides.length > 0 ? (
        <ul className={classes['list']} aria-label={words.title}>
          {sides.map((side) => (
            <SideRow key={side.id} kind={kind} side={side} />
          ))}
        </ul>
      ) : isSearching ? (
        <EmptyState
          icon={<IconSearch size={28} stroke={1.5} />}
          title={`No ${words.one} of this name`}
          action={
            <Button variant="default" onClick={() => setTyped('')}>
              Show all
            </Button>
          }
        >
          Try fewer words, or another spelling.
        </EmptyState>
      ) : (
        <EmptyState
          icon={
            kind === 'source' ? (
              <IconDatabaseExport size={28} stroke={1.5} />
            ) : (
              <IconDatabaseImport size={28} stroke={1.5} />
            )
          }
          title={words.emptyTitle}
          action={newButton}
        >
          {words.emptyText}
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
      <SideDrawer
        kind={kind}
        id={id ?? null}
        onClose={() => void navigate({ to: words.address, search: {} })}
      />
    </>
  )
}
