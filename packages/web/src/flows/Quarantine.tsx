import type { Quarantined, QuarantineGroup, RunWithStreams } from '@latchwork/contract'
import { Anchor, Button, Group, Skeleton, Text, Title } from '@mantine/core'
import { IconDownload, IconPlayerPlay, IconTrash } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { FramedList, RowButton } from '../ui/lists.tsx'
import { formatCount } from '../ui/number-words.ts'
import { itemsOf, ShowMore } from '../ui/PagedList.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { TextLink } from '../ui/TextLink.tsx'
import { QuarantinedRecord } from './QuarantinedRecord.tsx'
import {
  quarantineAddress,
  quarantineGroupsQuery,
  quarantineQuery,
  useDropQuarantined,
  useReplay,
} from './queries.ts'
import classes from './RunRecords.module.css'
import { recordsWord } from './words.ts'

/** What is to be dropped: one record, a group, or everything. */
interface Drop {
  readonly what: string
  readonly selection: { readonly ids?: string[]; readonly group?: string }
}

/** Records that the destination refused, equal reasons together: to be put right, written again, downloaded or dropped. */
export function Quarantine({ run }: { run: RunWithStreams }) {
  const { data, error } = useQuery(quarantineGroupsQuery(run))
  const [drop, setDrop] = useState<Drop | null>(null)
  const replay = useReplay(run)
  const dropping = useDropQuarantined(run.id)
  if (run.recordsRefused === 0) return null
  const groups = data?.items
  return (
    <section aria-labelledby="refused-records">
      <Group justify="space-between" mb={4} gap="sm">
        <Title id="refused-records" order={2} size="h4">
          {recordsWord(run.recordsRefused, 'refused')}
        </Title>
        {run.inQuarantine > 0 && (
          <Group gap="xs">
            <Button
              component="a"
              href={quarantineAddress(run.id)}
              download={`refused-${run.id}.csv`}
              variant="default"
              size="xs"
              leftSection={<IconDownload size={14} aria-hidden />}
            >
              Download as CSV
            </Button>
            <RowButton
              label="Drop all refused records"
              icon={<IconTrash size={14} aria-hidden />}
              onClick={() => setDrop({ what: `all ${recordsWord(run.inQuarantine)}`, selection: {} })}
            >
              Drop all
            </RowButton>
          </Group>
        )}
      </Group>
      <Text size="xs" c="dimmed" mb={12}>
        <WhereTheyAre run={run} />
      </Text>
      {error !== null && <ProblemAlert error={error} />}
      {replay.error !== null && <ProblemAlert error={replay.error} />}
      {run.inQuarantine > 0 && groups === undefined && error === null && <Skeleton h={160} />}
      {groups?.map((group) => (
        <ReasonGroup
          key={group.id}
          run={run}
          group={group}
          replaying={replay.isPending}
          onReplay={(selection) => replay.mutate(selection)}
          onDrop={setDrop}
        />
      ))}
      <ConfirmDialog
        opened={drop !== null}
        title="Drop these records?"
        confirmLabel="Drop"
        danger
        work={dropping}
        onCancel={() => setDrop(null)}
        onConfirm={() => {
          if (drop !== null) dropping.mutate(drop.selection, { onSuccess: () => setDrop(null) })
        }}
      >
        This erases <strong>{drop?.what}</strong> here. Nothing of it is written. The source keeps its
        records.
      </ConfirmDialog>
    </section>
  )
}

/** What became of the records that were refused. */
function WhereTheyAre({ run }: { run: RunWithStreams }) {
  if (run.replayOf !== null) {
    return (
      <>
        They stay in the quarantine of{' '}
        <TextLink to="/runs/$runId" params={{ runId: run.replayOf }}>
          the run that met them first
        </TextLink>
        , with the new reason.
      </>
    )
  }
  const left = run.inQuarantine
  if (left === 0) return 'None of them is in quarantine any more. They were written later, dropped or erased.'
  const what =
    left === run.recordsRefused
      ? run.recordsWritten === 0
        ? 'None was written.'
        : 'What was refused was not written. The others were.'
      : `${formatCount(left)} of them ${left === 1 ? 'is' : 'are'} still in quarantine. The rest was written later or dropped.`
  const cut = left - run.replayable
  const parts =
    cut === 0 ? '' : ` Of ${formatCount(cut)} only a part was kept: you can look at them, not replay them.`
  return `${what} Fix ${left === 1 ? 'it here and replay it' : 'them here and replay them'}.${parts}`
}

interface ReasonGroupProps {
  run: RunWithStreams
  group: QuarantineGroup
  replaying: boolean
  onReplay(selection: Drop['selection']): void
  onDrop(drop: Drop): void
}

/** Records that were refused for one reason. Those of a long group are shown on request. */
function ReasonGroup({ run, group, replaying, onReplay, onDrop }: ReasonGroupProps) {
  const [opened, setOpened] = useState(group.count <= 5)
  return (
    <div className={classes['group']}>
      <div className={classes['head']}>
        <div>
          <Text dir="auto" fw={500} className={classes['message'] ?? ''}>
            {group.message}
          </Text>
          <Text size="xs" c="dimmed">
            {recordsWord(group.count)} · {group.code}
          </Text>
        </div>
        <Group gap="xs" wrap="nowrap">
          {group.whole > 0 && (
            <RowButton
              label={`Replay ${recordsWord(group.whole)}: ${group.message}`}
              busy={replaying}
              icon={<IconPlayerPlay size={14} aria-hidden />}
              onClick={() => onReplay({ group: group.id })}
            >
              {`Replay ${formatCount(group.whole)}`}
            </RowButton>
          )}
          <RowButton
            label={`Drop ${recordsWord(group.count)}: ${group.message}`}
            onClick={() => onDrop({ what: recordsWord(group.count), selection: { group: group.id } })}
          >
            Drop
          </RowButton>
        </Group>
      </div>
      {opened ? (
        <GroupRecords run={run} group={group} onReplay={onReplay} onDrop={onDrop} />
      ) : (
        <Anchor component="button" type="button" size="sm" onClick={() => setOpened(true)}>
          Show the {recordsWord(group.count)}
        </Anchor>
      )}
    </div>
  )
}

function GroupRecords({ run, group, onReplay, onDrop }: Omit<ReasonGroupProps, 'replaying'>) {
  const list = useInfiniteQuery(quarantineQuery(run, group.id))
  const items = itemsOf(list)
  const nameOf = (item: Quarantined) => item.name ?? item.key ?? 'This record'
  return (
    <>
      {list.error !== null && <ProblemAlert error={list.error} />}
      {items === undefined && list.error === null && <Skeleton h={80} />}
      {items !== undefined && (
        <FramedList label={group.message}>
          {items.map((item) => (
            <QuarantinedRecord
              key={item.id}
              run={run}
              item={item}
              isVaried={item.message !== group.message}
              onReplay={() => onReplay({ ids: [item.id] })}
              onDrop={() => onDrop({ what: nameOf(item), selection: { ids: [item.id] } })}
            />
          ))}
        </FramedList>
      )}
      <ShowMore list={list} />
    </>
  )
}
