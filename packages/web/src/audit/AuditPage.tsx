import type { AuditEntry, AuditFilter } from '@latchwork/contract'
import { Button, Group, Stack } from '@mantine/core'
import { IconDownload, IconListSearch, IconShieldCheck } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { pagesQuery } from '../api/pages.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { itemsOf, PagedList } from '../ui/PagedList.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { AuditDrawer } from './AuditDrawer.tsx'
import { AuditFilters } from './AuditFilters.tsx'
import { AuditList } from './AuditList.tsx'
import { type AuditSearch, filterOf } from './filter.ts'
import { sealWords } from './seals.ts'

const auditListQuery = (filter: AuditFilter) =>
  pagesQuery({
    key: ['audit', filter],
    ask: (page) => api.audit.list({ query: { ...filter, ...page } }),
    keepPrevious: true,
  })

function exportQuery(search: AuditSearch): string {
  return new URLSearchParams(
    Object.entries(filterOf(search)).map(([name, value]) => [name, String(value)]),
  ).toString()
}

/** Who did what, newest first. */
export function AuditPage() {
  const search = useSearch({ from: '/shell/audit' })
  const navigate = useNavigate()
  const list = useInfiniteQuery(auditListQuery(filterOf(search)))
  const [open, setOpen] = useState<AuditEntry | null>(null)
  const verify = useMutation({ mutationFn: () => api.audit.verify() })
  const seals = useMutation({ mutationFn: () => api.passes.verify() })
  const change = (next: AuditSearch) => void navigate({ to: '/audit', search: next, replace: true })
  return (
    <>
      <PageHeader
        title="Audit"
        description="Who did what, when and from where. Latchwork notices any change to this log."
        actions={
          // A person who may not read the log may not verify it.
          list.error === null && (
            <Group gap="sm">
              <BusyButton
                variant="default"
                leftSection={<IconShieldCheck size={16} aria-hidden />}
                busy={verify.isPending || seals.isPending}
                onClick={() => {
                  verify.mutate()
                  seals.mutate()
                }}
              >
                Verify
              </BusyButton>
              <Button
                variant="default"
                component="a"
                href={`/api/audit/export?${exportQuery(search)}`}
                download="audit.jsonl"
                leftSection={<IconDownload size={16} aria-hidden />}
              >
                Export
              </Button>
            </Group>
          )
        }
      />
      <Stack gap="sm">
        {verify.isError && <ProblemAlert error={verify.error} />}
        {verify.data !== undefined && (
          <Notice
            tone={verify.data.intact ? 'neutral' : 'bad'}
            message={
              verify.data.intact
                ? `The log is intact: all ${verify.data.entries} entries are as they were written.`
                : (verify.data.fault?.message ?? 'The log was changed after it was written.')
            }
          />
        )}
        {seals.isError && <ProblemAlert error={seals.error} />}
        {seals.data !== undefined && (
          <Notice tone={seals.data.intact ? 'neutral' : 'bad'} message={sealWords(seals.data)} />
        )}
      </Stack>
      <AuditFilters
        search={search}
        objectName={itemsOf(list)?.find(({ object }) => object?.id === search.object)?.object?.name}
        onChange={change}
      />
      <PagedList
        list={list}
        what="the audit log"
        empty={
          <EmptyState
            icon={<IconListSearch size={28} stroke={1.5} />}
            title="No entry matches"
            action={
              <Button variant="default" onClick={() => change({})}>
                Show every entry
              </Button>
            }
          >
            Choose another kind, thing, person or time.
          </EmptyState>
        }
      >
        {(entries) => <AuditList entries={entries} onOpen={setOpen} />}
      </PagedList>
      <AuditDrawer
        entry={open}
        onNarrow={(object) => {
          setOpen(null)
          change({ object })
        }}
        onClose={() => setOpen(null)}
      />
    </>
  )
}
