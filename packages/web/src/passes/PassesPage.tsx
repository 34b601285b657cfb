import { type Pass, type PassFilter, passFilters } from '@latchwork/contract'
import { Button, Group, Select } from '@mantine/core'
import { IconHourglass, IconPlus, IconTicket } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Owner, type OwnerChoice, OwnerFilter } from '../access/Owner.tsx'
import { Bars } from '../ui/Bars.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { FramedList, rowClass } from '../ui/lists.tsx'
import { PagedList } from '../ui/PagedList.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { NothingFound, SearchField, useSearchWords } from '../ui/SearchField.tsx'
import { Badge } from '../ui/StatusBadge.tsx'
import { LastUsed } from '../ui/TimeAgo.tsx'
import { countWords, stripBars, sumOf } from './hours.ts'
import { Expiry, PassBadge } from './PassBadge.tsx'
import classes from './passes.module.css'
import { passListQuery } from './queries.ts'
import { credentialWords, filterWords, waitingWords } from './words.ts'

/** So many hours a strip has. */
const places = 24

/** Every pass: what each may do, how much it is used, and until when. */
export function PassesPage() {
  const search = useSearchWords()
  const [owner, setOwner] = useState<OwnerChoice>(undefined)
  const [status, setStatus] = useState<PassFilter | undefined>(undefined)
  const list = useInfiniteQuery(passListQuery({ query: search.query, owner, status }))
  const isFiltered = search.isSearching || owner !== undefined || status !== undefined
  const total = list.data?.pages[0]?.total ?? 0
  const isThere = total > 0 || isFiltered
  const newButton = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      renderRoot={(props) => <Link to="/passes/new" {...props} />}
    >
      New pass
    </Button>
  )
  return (
    <>
      <PageHeader
        title="Passes"
        description="A pass lets a script or an agent use Close, and never shows it the key."
        actions={isThere && newButton}
      />
      {isThere && (
        <Group gap="sm" mb="md">
          <SearchField words={search} total={total} what="passes" flex="0 1 320px" />
          <Select
            aria-label="Status"
            placeholder="Any status"
            w={160}
            clearable
            clearButtonProps={{ 'aria-label': 'Any status' }}
            data={passFilters.map((value) => ({ value, label: filterWords[value] }))}
            value={status ?? null}
            onChange={(chosen) => setStatus(passFilters.find((each) => each === chosen))}
          />
          <OwnerFilter value={owner} onChange={setOwner} />
        </Group>
      )}
      <PagedList
        list={list}
        what="the passes"
        rowHeight={80}
        empty={
          isFiltered ? (
            <NothingFound
              words={search}
              what="pass"
              onShowAll={() => {
                setOwner(undefined)
                setStatus(undefined)
              }}
            />
          ) : (
            <EmptyState icon={<IconTicket size={28} stroke={1.5} />} title="No passes yet" action={newButton}>
              Make one for each script, agent or person that needs Close. You choose what it may do, until
              when and how much, you see each call, and you end it in a second.
            </EmptyState>
          )
        }
      >
        {(passes) => (
          <FramedList label="Passes">
            {passes.map((pass) => (
              <PassRow key={pass.id} pass={pass} />
            ))}
          </FramedList>
        )}
      </PagedList>
    </>
  )
}

/** A pass in the list; leads to its page. */
function PassRow({ pass }: { pass: Pass }) {
  return (
    <li>
      <Link to="/passes/$passId" params={{ passId: pass.id }} className={rowClass(classes['row'])}>
        <span className={classes['what']}>
          <bdi className={classes['name']} title={pass.name}>
            {pass.name}
          </bdi>
          <bdi className={classes['may']} title={`${pass.may} ${pass.mayNot}`.trim()}>
            {pass.may}
          </bdi>
          <span className={classes['detail']}>
            <bdi>{credentialWords(pass)}</bdi>
            {' · '}
            <Owner owner={pass.owner} />
          </span>
        </span>
        <span className={classes['strip']}>
          {pass.hours.length > 0 && (
            <Bars bars={stripBars(pass.hours)} label={stripSentence(pass)} height={24} places={places} />
          )}
          <span className={classes['detail']}>
            <LastUsed at={pass.lastUsedAt} word="Last used" />
          </span>
        </span>
        <span className={classes['status']}>
          <PassBadge status={pass.status} />
          {pass.waitingWrites > 0 && (
            <Badge tone="warning" Icon={IconHourglass}>
              {waitingWords(pass.waitingWrites)}
            </Badge>
          )}
          <span className={classes['detail']}>
            <Expiry pass={pass} />
          </span>
        </span>
      </Link>
    </li>
  )
}

/** The strip for somebody who does not see it. */
function stripSentence({ hours }: Pass): string {
  const span = hours.length === 1 ? 'the last hour' : `the last ${hours.length} hours`
  return `In ${span} of use: ${countWords(sumOf(hours))}.`
}
