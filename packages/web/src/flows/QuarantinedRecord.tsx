import type { ErrorCode, Quarantined, RunWithStreams } from '@latchwork/contract'
import { Group, Text } from '@mantine/core'
import { useState } from 'react'
import { RowButton } from '../ui/lists.tsx'
import { formatCount } from '../ui/number-words.ts'
import { DoubtfulRecord } from './DoubtfulRecord.tsx'
import { EditRecord } from './EditRecord.tsx'
import classes from './RunRecords.module.css'

/** The stored part of such a record can't be shown. */
const unreadable: ErrorCode = 'record_unreadable'
/** It may have been written: it is looked for as it was sent. */
const inDoubt: ErrorCode = 'record_in_doubt'

interface QuarantinedRecordProps {
  run: RunWithStreams
  item: Quarantined
  /** Its own words differ from those of its group. */
  isVaried: boolean
  onReplay(): void
  onDrop(): void
}

/** One refused record: what it is called, where it stood, and what can be done with it. */
export function QuarantinedRecord({ run, item, isVaried, onReplay, onDrop }: QuarantinedRecordProps) {
  const [editing, setEditing] = useState(false)
  const [looking, setLooking] = useState(false)
  const name = item.name ?? item.key ?? 'Without a name'
  return (
    <li className={classes['item']}>
      <div className={classes['head']}>
        <div>
          <Text fw={500}>
            <bdi>{name}</bdi>
          </Text>
          <Text size="xs" c="dimmed">
            {[
              run.streams.length > 1 ? labelOf(run, item.stream) : null,
              item.row === null ? null : `Row ${formatCount(item.row)}`,
              item.key === null || item.key === name ? null : item.key,
              item.whole ? null : 'only a part is kept',
            ]
              .filter((part) => part !== null)
              .join(' · ')}
          </Text>
          {isVaried && (
            <Text size="sm" dir="auto" className={classes['message'] ?? ''}>
              {item.message}
            </Text>
          )}
        </div>
        <Group gap="xs" wrap="nowrap">
          {item.code === inDoubt && (
            <RowButton label={`Look for ${name}`} onClick={() => setLooking(true)}>
              Look for it
            </RowButton>
          )}
          {item.whole && (
            <>
              {item.code !== inDoubt && (
                <RowButton label={`Edit ${name}`} onClick={() => setEditing(true)}>
                  Edit
                </RowButton>
              )}
              <RowButton label={`Replay ${name}`} onClick={onReplay}>
                Replay
              </RowButton>
            </>
          )}
          <RowButton label={`Drop ${name}`} onClick={onDrop}>
            Drop
          </RowButton>
        </Group>
      </div>
      {item.code !== unreadable && (
        <details className={classes['details']}>
          <summary>Show the record</summary>
          <pre dir="ltr">{JSON.stringify(item.record, null, 2)}</pre>
        </details>
      )}
      <DoubtfulRecord
        run={run}
        item={item}
        name={name}
        opened={looking}
        onClose={() => setLooking(false)}
        onReplay={onReplay}
      />
      <EditRecord run={run} item={item} name={name} opened={editing} onClose={() => setEditing(false)} />
    </li>
  )
}

function labelOf({ streams }: RunWithStreams, name: string | null): string | null {
  return streams.find(({ stream }) => stream === name)?.label ?? name
}
