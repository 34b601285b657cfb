import { type ConnectorDefinition, type CredentialStatus, credentialStatuses } from '@latchwork/contract'
import { Group, Select, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { type OwnerChoice, OwnerFilter } from '../access/Owner.tsx'
import classes from './list.module.css'
import type { CredentialFilter } from './queries.ts'

interface CredentialFiltersProps {
  filter: CredentialFilter
  connectors: readonly ConnectorDefinition[]
  /** How many match, in words; empty while that is being found out. */
  total: string
  onChange(changes: {
    query?: string | undefined
    connector?: string | undefined
    status?: CredentialStatus | undefined
    method?: string | undefined
    owner?: OwnerChoice
  }): void
}

const searchDelayMs = 250
/** Drafts are in no list. */
const savedStatuses = credentialStatuses.filter((status) => status !== 'draft')

/** Search and filters above the list. */
export function CredentialFilters({ filter, connectors, total, onChange }: CredentialFiltersProps) {
  const [text, setText] = useState(filter.query ?? '')
  const [shownFor, setShownFor] = useState(filter.query ?? '')
  // The filter was changed elsewhere, e.g. cleared: the field follows.
  if (shownFor !== (filter.query ?? '')) {
    setShownFor(filter.query ?? '')
    if (text.trim() !== (filter.query ?? '')) setText(filter.query ?? '')
  }
  const search = useDebouncedCallback((words: string) => {
    onChange({ query: words === '' ? undefined : words })
  }, searchDelayMs)
  const methods = connectors
    .filter(({ id }) => filter.connector === undefined || id === filter.connector)
    .flatMap(({ methods: offered }) => offered)
  return (
    <Group gap="sm" mb="md" className={classes['filters'] ?? ''}>
      <TextInput
        aria-label="Search credentials"
        placeholder="Name, description, account or tag"
        leftSection={<IconSearch size={16} aria-hidden />}
        flex="1 1 240px"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          search(event.currentTarget.value.trim())
        }}
      />
      <Select
        aria-label="Connector"
        placeholder="Any connector"
        clearable
        clearButtonProps={{ 'aria-label': 'Any connector' }}
        data={connectors.map(({ id, label }) => ({ value: id, label }))}
        value={filter.connector ?? null}
        onChange={(connector) => onChange({ connector: connector ?? undefined, method: undefined })}
        className={classes['select'] ?? ''}
      />
      <Select
        aria-label="Status"
        placeholder="Any status"
        clearable
        clearButtonProps={{ 'aria-label': 'Any status' }}
        data={savedStatuses.map((status) => ({
          value: status,
          label: status.charAt(0).toUpperCase() + status.slice(1),
        }))}
        value={filter.status ?? null}
        onChange={(chosen) => onChange({ status: savedStatuses.find((status) => status === chosen) })}
        className={classes['select'] ?? ''}
      />
      <Select
        aria-label="Method"
        placeholder="Any method"
        clearable
        clearButtonProps={{ 'aria-label': 'Any method' }}
        data={methods.map(({ id, label }) => ({ value: id, label }))}
        value={filter.method ?? null}
        onChange={(method) => onChange({ method: method ?? undefined })}
        className={classes['select'] ?? ''}
      />
      <OwnerFilter value={filter.owner} onChange={(owner) => onChange({ owner })} />
      <Text size="xs" c="dimmed" role="status" className={classes['total'] ?? ''}>
        {total}
      </Text>
    </Group>
  )
}
