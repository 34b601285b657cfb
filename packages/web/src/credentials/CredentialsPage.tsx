import type { ConnectorDefinition } from '@latchwork/contract'
import { Button } from '@mantine/core'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { totalWords } from '../ui/number-words.ts'
import { itemsOf } from '../ui/PagedList.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { Pending } from '../ui/Pending.tsx'
import { AddCredentialOverlay } from './AddCredential.tsx'
import { ChooseConnector } from './ChooseConnector.tsx'
import { CredentialDrawer } from './CredentialDrawer.tsx'
import { CredentialFilters } from './CredentialFilters.tsx'
import { CredentialList } from './CredentialList.tsx'
import { DeletedCredentials } from './DeletedCredentials.tsx'
import { Expired } from './FormOverlay.tsx'
import { credentialListQuery } from './queries.ts'
import { useReturned } from './useAuthorization.ts'

/** Every credential: search, filters, the drawer of one, and adding another. */
export function CredentialsPage() {
  const search = useSearch({ from: '/shell/credentials' })
  const navigate = useNavigate({ from: '/credentials' })
  const { returnedSwitch, returnedDraft, returnedSaved, isGone, forget } = useReturned()
  const connectors = useQuery(connectorsQuery)
  const withMethods = (connectors.data ?? []).filter(({ methods }) => methods.length > 0)
  const { query, connector, status, method, owner } = search
  const filter = {
    ...(query === undefined ? {} : { query }),
    ...(connector === undefined ? {} : { connector }),
    ...(status === undefined ? {} : { status }),
    ...(method === undefined ? {} : { method }),
    ...(owner === undefined ? {} : { owner }),
  }
  const list = useInfiniteQuery(credentialListQuery(filter))
  const credentials = itemsOf(list) ?? []
  const firstPage = list.isPlaceholderData ? undefined : list.data?.pages[0]
  const isFiltered = Object.keys(filter).length > 0

  const change = (changes: Partial<typeof search>) => {
    void navigate({ search: (now) => ({ ...now, ...changes }), replace: true })
  }
  const add = () => {
    const [only, ...others] = withMethods
    change({ add: only !== undefined && others.length === 0 ? only.id : 'choose' })
  }
  const closeOverlay = () => change({ add: undefined, draft: undefined, result: undefined })

  const addTo = returnedDraft?.credential.connector ?? (returnedSaved === null ? search.add : undefined)
  const addingTo = withMethods.find(({ id }) => id === addTo)

  return (
    <>
      <PageHeader
        title="Credentials"
        description="Flows use them to reach your accounts. Secrets are stored encrypted and never shown again."
        actions={
          (isFiltered || credentials.length > 0) && (
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={add}>
              Add credential
            </Button>
          )
        }
      />
      {isGone && <Expired />}
      {(isFiltered || credentials.length > 0) && (
        <CredentialFilters
          filter={filter}
          connectors={withMethods}
          total={firstPage === undefined ? '' : totalWords(firstPage, 'credential')}
          onChange={change}
        />
      )}
      {list.data === undefined && <Pending query={list} what="the credentials" />}
      {list.isSuccess && credentials.length === 0 && (
        <NoCredentials
          isFiltered={isFiltered}
          connectors={withMethods}
          onAdd={add}
          onClear={() =>
            change({
              query: undefined,
              connector: undefined,
              status: undefined,
              method: undefined,
              owner: undefined,
            })
          }
        />
      )}
      {credentials.length > 0 && (
        <CredentialList
          credentials={credentials}
          connectors={connectors.data ?? []}
          hasMore={list.hasNextPage}
          isLoadingMore={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
          onOpen={(id) => change({ id })}
        />
      )}
      <ChooseConnector
        opened={search.add === 'choose'}
        connectors={withMethods}
        onChoose={(id) => change({ add: id })}
        onClose={closeOverlay}
      />
      {addingTo !== undefined && (
        <AddCredentialOverlay
          key={returnedDraft?.credential.id ?? addingTo.id}
          connector={addingTo}
          opened
          returned={returnedDraft}
          onClose={closeOverlay}
          onSaved={closeOverlay}
        />
      )}
      <DeletedCredentials />
      <CredentialDrawer
        id={search.id ?? returnedSaved?.credential.id ?? null}
        returnedResult={returnedSaved?.result ?? null}
        returnedSwitch={returnedSwitch}
        onSwitched={forget}
        onClose={() => change({ id: undefined, switch: undefined, draft: undefined, result: undefined })}
      />
    </>
  )
}

interface NoCredentialsProps {
  isFiltered: boolean
  connectors: readonly ConnectorDefinition[]
  onAdd(): void
  onClear(): void
}

function NoCredentials({ isFiltered, connectors, onAdd, onClear }: NoCredentialsProps) {
  if (isFiltered) {
    return (
      <EmptyState
        icon={<IconKey size={28} stroke={1.5} />}
        title="No credential matches"
        action={
          <Button variant="default" onClick={onClear}>
            Clear search and filters
          </Button>
        }
      >
        Try fewer words, or another status.
      </EmptyState>
    )
  }
  const names = connectors.map(({ label }) => label).join(' or ')
  return (
    <EmptyState
      icon={<IconKey size={28} stroke={1.5} />}
      title="No credentials yet"
      action={<Button onClick={onAdd}>Add your first credential</Button>}
    >
      A credential lets flows read from and write to an account{names === '' ? '' : ` of ${names}`}. Adding
      one takes about a minute.
    </EmptyState>
  )
}
