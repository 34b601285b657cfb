import type { ConnectorDefinition, Credential } from '@latchwork/contract'
import { Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { itemsOf, ShowMore } from '../ui/PagedList.tsx'
import { Pending } from '../ui/Pending.tsx'
import { SearchField, useSearchWords } from '../ui/SearchField.tsx'
import { AddCredentialOverlay } from './AddCredential.tsx'
import { CredentialDrawer } from './CredentialDrawer.tsx'
import { CredentialTile } from './CredentialTile.tsx'
import { Expired } from './FormOverlay.tsx'
import { credentialListQuery, credentialQuery } from './queries.ts'
import classes from './tiles.module.css'
import { useReturned } from './useAuthorization.ts'

interface CredentialTilesProps {
  connector: ConnectorDefinition
  /** The id of the credential that is chosen. */
  value: string | null
  onChange(credentialId: string): void
  /** A tile was chosen by a click or Enter. */
  onGo(credentialId: string): void
}

/** The credentials of a connector, to choose one from, and the tile that adds one. */
export function CredentialTiles({ connector, value, onChange, onGo }: CredentialTilesProps) {
  const { adding, fixing, change, close } = useOpenedIn(connector)
  /** Failed credentials whose drawer was opened: those may be chosen. */
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set())
  const [added, setAdded] = useState<string | null>(null)
  const words = useSearchWords()
  const { query } = words
  const { returnedSwitch, returnedDraft, returnedSaved, isGone, forget } = useReturned()
  const group = useId()

  const list = useInfiniteQuery(credentialListQuery({ connector: connector.id, query }))
  const listed = (itemsOf(list) ?? []).filter(({ status }) => status !== 'draft')
  const total = list.data?.pages[0]?.total ?? 0
  // First comes what was just added, or the chosen one if it is on a page that isn't loaded.
  const chosenApart = value !== null && !listed.some(({ id }) => id === value)
  const first = query === '' ? (added ?? (chosenApart ? value : null)) : null
  const { data: firstTile } = useQuery({
    ...credentialQuery(first ?? ''),
    enabled: first !== null && list.isSuccess,
  })
  const shown =
    first === null || firstTile === undefined
      ? listed
      : [firstTile, ...listed.filter(({ id }) => id !== first)]
  const isEmpty = list.isSuccess && shown.length === 0

  const saved = (credential: Credential) => {
    close()
    words.setTyped('')
    setAdded(credential.id)
    onChange(credential.id)
  }
  if (list.isPending) return <Pending query={list} what="the credentials" rows={1} rowHeight={120} />
  return (
    <div>
      {isGone && <Expired />}
      <SearchField
        words={words}
        total={total}
        what="credentials"
        placeholder="Search by name or account"
        maw={320}
        mb="md"
      />
      <div className={classes['grid']}>
        <button type="button" className={classes['add']} onClick={() => change({ add: connector.id })}>
          <IconPlus size={20} stroke={1.5} aria-hidden />
          Add Credential
        </button>
        <div role="radiogroup" aria-label={`Credential for ${connector.label}`} className={classes['group']}>
          {shown.map((credential) => (
            <CredentialTile
              key={credential.id}
              group={group}
              credential={credential}
              method={connector.methods.find(({ id }) => id === credential.method)}
              checked={credential.id === value}
              locked={credential.status === 'failed' && credential.id !== fixing && !seen.has(credential.id)}
              onChoose={() => onChange(credential.id)}
              onGo={() => onGo(credential.id)}
              onFix={() => {
                change({ id: credential.id })
                setSeen((now) => new Set([...now, credential.id]))
              }}
            />
          ))}
        </div>
      </div>
      {list.data === undefined && <Pending query={list} what="the credentials" rows={1} rowHeight={120} />}
      {isEmpty && (
        <Text c="dimmed" mt="md">
          No credential matches. Try fewer words, or add a credential.
        </Text>
      )}
      <ShowMore list={list} />
      <AddCredentialOverlay
        key={returnedDraft?.credential.id ?? 'new'}
        connector={connector}
        opened={adding || returnedDraft !== null}
        returned={returnedDraft}
        onClose={close}
        onSaved={saved}
      />
      <CredentialDrawer
        id={fixing ?? returnedSaved?.credential.id ?? null}
        returnedResult={returnedSaved?.result ?? null}
        returnedSwitch={returnedSwitch}
        onSwitched={forget}
        onClose={close}
      />
    </div>
  )
}

/** Whether a credential is being added, or one put right, stands in the address: a reload opens the same again. */
function useOpenedIn(connector: ConnectorDefinition) {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const change = (changes: Record<string, string | undefined>) => {
    void navigate({
      to: '.',
      search: (now: Record<string, unknown>) => ({ ...now, ...changes }),
      replace: true,
      state: true,
    })
  }
  return {
    adding: search['add'] === connector.id,
    fixing: typeof search['id'] === 'string' ? search['id'] : null,
    change,
    close: () =>
      change({ add: undefined, id: undefined, switch: undefined, draft: undefined, result: undefined }),
  }
}
