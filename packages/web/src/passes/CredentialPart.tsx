import type { Pass } from '@latchwork/contract'
import { Select, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { credentialListQuery, credentialQuery } from '../credentials/queries.ts'
import { itemsOf } from '../ui/PagedList.tsx'
import { TextLink } from '../ui/TextLink.tsx'
import type { PartProps } from './draft.ts'
import { credentialWords } from './words.ts'

const typingPauseMs = 150

/** The credential that the pass uses. A pass stays with its credential: what it may do was chosen for its account. */
export function CredentialPart({ pass, ...part }: PartProps & { pass: Pass | null }) {
  if (pass === null) return <CredentialSelect {...part} />
  return (
    <Text>
      <bdi>{credentialWords(pass)}</bdi>
      <Text span inherit c="dimmed">
        {' '}
        stays. For another one, make another pass.
      </Text>
    </Text>
  )
}

function CredentialSelect({ draft: { credentialId }, faults, onChange }: PartProps) {
  const [typed, setTyped] = useState('')
  const [words] = useDebouncedValue(typed.trim(), typingPauseMs)
  const { data: chosen } = useQuery({
    ...credentialQuery(credentialId ?? ''),
    enabled: credentialId !== null,
  })
  // The name of what is chosen stands in the field: it is no search.
  const query = words === chosen?.name ? '' : words
  const list = useInfiniteQuery(credentialListQuery({ connector: 'close', query }))
  const found = (itemsOf(list) ?? []).filter(({ status }) => status !== 'draft')
  const listed = chosen === undefined || found.some(({ id }) => id === chosen.id) ? found : [chosen, ...found]
  const only = query === '' && list.data?.pages[0]?.total === 1 ? found[0]?.id : undefined
  useEffect(() => {
    if (credentialId === null && only !== undefined) onChange({ credentialId: only })
  })
  if (list.isSuccess && !list.isPlaceholderData && query === '' && found.length === 0) {
    return (
      <Text c="dimmed">
        There is no credential for Close that you may use.{' '}
        <TextLink to="/credentials" search={{ add: 'close' }}>
          Add one
        </TextLink>{' '}
        first, or ask somebody to share theirs with you.
      </Text>
    )
  }
  return (
    <Select
      label="Credential for Close"
      description="The pass acts with its rights, and never shows its key."
      placeholder="Choose a credential"
      required
      searchable
      // A fault that is shown under it, too, must be seen when it gets the focus.
      openOnFocus={false}
      dir="auto"
      maw={480}
      data={listed.map(({ id, name }) => ({ value: id, label: name }))}
      filter={({ options }) => options}
      nothingFoundMessage={list.isFetching ? 'Looking…' : 'No credential matches.'}
      renderOption={({ option }) => {
        const credential = listed.find(({ id }) => id === option.value)
        return (
          <div>
            <bdi>{option.label}</bdi>
            <Text size="xs" c="dimmed">
              {credential?.identity?.organizationName ?? 'Account not known yet'}
              {credential?.status === 'failed' && ' · Failed'}
            </Text>
          </div>
        )
      }}
      error={faults.credentialId}
      value={credentialId}
      onChange={(id) => onChange({ credentialId: id })}
      onSearchChange={setTyped}
    />
  )
}
