import { counted } from '@latchwork/contract'
import { Button, Group } from '@mantine/core'
import { IconDatabaseExport, IconDatabaseImport, IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Owner, type OwnerChoice, OwnerFilter } from '../access/Owner.tsx'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import { ConnectorIcon } from '../ui/ConnectorIcon.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { FramedList, rowClass } from '../ui/lists.tsx'
import { PagedList } from '../ui/PagedList.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { NothingFound, SearchField, useSearchWords } from '../ui/SearchField.tsx'
import { LastUsed } from '../ui/TimeAgo.tsx'
import { type Side, type SideKind, sideListQuery } from './queries.ts'
import { SideDrawer } from './SideDrawer.tsx'
import classes from './SidesPage.module.css'
import { sideWords } from './words.ts'

const icons = { source: IconDatabaseExport, destination: IconDatabaseImport }

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
  const search = useSearchWords()
  const [owner, setOwner] = useState<OwnerChoice>(undefined)
  const list = useInfiniteQuery(sideListQuery(kind, search.query, owner))
  const isFiltered = search.isSearching || owner !== undefined
  const total = list.data?.pages[0]?.total ?? 0
  const plural = words.title.toLowerCase()
  const Icon = icons[kind]
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
        actions={(total > 0 || isFiltered) && newButton}
      />
      {(total > 0 || isFiltered) && (
        <Group gap="sm" mb="md">
          <SearchField words={search} total={total} what={plural} flex="0 1 320px" />
          <OwnerFilter value={owner} onChange={setOwner} />
        </Group>
      )}
      <PagedList
        list={list}
        what={`the ${plural}`}
        empty={
          isFiltered ? (
            <NothingFound words={search} what={words.one} onShowAll={() => setOwner(undefined)} />
          ) : (
            <EmptyState icon={<Icon size={28} stroke={1.5} />} title={words.emptyTitle} action={newButton}>
              {words.emptyText}
            </EmptyState>
          )
        }
      >
        {(sides) => (
          <FramedList label={words.title}>
            {sides.map((side) => (
              <SideRow key={side.id} kind={kind} side={side} />
            ))}
          </FramedList>
        )}
      </PagedList>
      <SideDrawer
        kind={kind}
        id={id ?? null}
        onClose={() => void navigate({ to: words.address, search: {} })}
      />
    </>
  )
}

/** A source or destination in its list; opens its drawer. */
function SideRow({ kind, side }: { kind: SideKind; side: Side }) {
  const { data: connectors } = useQuery(connectorsQuery)
  const connector = connectors?.find(({ id }) => id === side.connector)
  return (
    <li>
      <Link to={sideWords[kind].address} search={{ id: side.id }} className={rowClass(classes['row'])}>
        <span className={classes['icon']}>
          <ConnectorIcon connector={side.connector} size={20} />
        </span>
        <span className={classes['what']}>
          <bdi className={classes['name']} title={side.name}>
            {side.name}
          </bdi>
          <span className={classes['detail']}>
            {connector?.label ?? side.connector}
            {side.credentialName !== null && (
              <>
                {' · '}
                <bdi>{side.credentialName}</bdi>
              </>
            )}
          </span>
        </span>
        <span className={classes['usage']}>
          <Owner owner={side.owner} />
          {' · '}
          {side.flowCount === 0 ? 'Not used by a flow' : `Used by ${counted(side.flowCount, 'flow')}`}
        </span>
        <span className={classes['when']}>
          <LastUsed at={side.lastUsedAt} word="Last used" />
        </span>
      </Link>
    </li>
  )
}
