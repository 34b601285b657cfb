import type { AuditEntry } from '@latchwork/contract'
import { IconBan, IconCircleXFilled } from '@tabler/icons-react'
import { FramedList, rowClass } from '../ui/lists.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import classes from './audit.module.css'
import { sentenceOf } from './sentence.ts'

interface AuditListProps {
  entries: readonly AuditEntry[]
  onOpen(entry: AuditEntry): void
}

/** Entries as sentences, each leading to its details. */
export function AuditList({ entries, onOpen }: AuditListProps) {
  return (
    <FramedList label="Audit log">
      {entries.map((entry) => (
        <li key={entry.sequence}>
          <button
            type="button"
            className={rowClass(classes['row'])}
            data-result={entry.result}
            onClick={() => onOpen(entry)}
          >
            <span className={classes['sentence']} dir="auto">
              {entry.result !== 'ok' && <Failure result={entry.result} />}
              {sentenceOf(entry)}
            </span>
            <span className={classes['when']}>
              <TimeAgo at={entry.at} />
            </span>
          </button>
        </li>
      ))}
    </FramedList>
  )
}

function Failure({ result }: { result: 'refused' | 'failed' }) {
  const Icon = result === 'failed' ? IconCircleXFilled : IconBan
  return <Icon size={16} aria-hidden className={classes['failure']} data-result={result} />
}
