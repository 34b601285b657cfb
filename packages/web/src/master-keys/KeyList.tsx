import type { MasterKey, MasterKeys } from '@latchwork/contract'
import {
  IconArchive,
  IconCircleCheckFilled,
  IconCircleXFilled,
  IconClock,
  IconHistory,
  type TablerIcon,
} from '@tabler/icons-react'
import { CopyButton } from '../ui/CopyButton.tsx'
import { FramedList, RowButton } from '../ui/lists.tsx'
import { Badge, type Tone } from '../ui/StatusBadge.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import classes from './master-keys.module.css'
import { ageOf, type KeyRole, roleOf, usesOf, valuesOf } from './words.ts'

const looks: Record<KeyRole, { tone: Tone; word: string; Icon: TablerIcon; meaning: string }> = {
  active: { tone: 'good', word: 'Active', Icon: IconCircleCheckFilled, meaning: 'Encrypts and decrypts' },
  next: { tone: 'active', word: 'Next', Icon: IconClock, meaning: 'The next rotation makes it active' },
  old: {
    tone: 'neutral',
    word: 'Old',
    Icon: IconHistory,
    meaning: 'Decrypts what it encrypted before',
  },
  retired: { tone: 'neutral', word: 'Retired', Icon: IconArchive, meaning: 'No longer used' },
  missing: { tone: 'bad', word: 'Missing', Icon: IconCircleXFilled, meaning: 'The server doesn’t have it' },
}
const order: readonly KeyRole[] = ['active', 'next', 'missing', 'old', 'retired']

interface KeyListProps {
  keys: MasterKeys
  onRetire(id: string): void
}

/** Every key that this database knows: the active one first. */
export function KeyList({ keys, onRetire }: KeyListProps) {
  const items = keys.items.toSorted((a, b) => order.indexOf(roleOf(a)) - order.indexOf(roleOf(b)))
  return (
    <FramedList label="Master keys">
      {items.map((item) => (
        <KeyRow key={item.id} item={item} onRetire={() => onRetire(item.id)} />
      ))}
    </FramedList>
  )
}

function KeyRow({ item, onRetire }: { item: MasterKey; onRetire(): void }) {
  const role = roleOf(item)
  const { tone, word, Icon, meaning } = looks[role]
  return (
    <li className={classes['key']} data-role={role}>
      <div className={classes['name']}>
        <span>
          <code className={classes['fingerprint']}>{item.id}</code>
          <CopyButton value={item.id} what={`the fingerprint ${item.id}`} />
          <Badge tone={tone} Icon={Icon}>
            {word}
          </Badge>
        </span>
        <span className={classes['second']}>{meaning}</span>
        {item.source !== '' && <span className={classes['second']}>From {item.source}</span>}
      </div>
      <div>
        {role === 'active' ? (
          <Age item={item} />
        ) : (
          <span className={classes['second']}>
            {item.retiredAt === null ? (
              <>
                First seen <TimeAgo at={item.firstSeenAt} />
              </>
            ) : (
              <>
                Retired <TimeAgo at={item.retiredAt} />
              </>
            )}
          </span>
        )}
      </div>
      <div>
        <span className={classes['values']}>{valuesOf(item.rows)}</span>
        <span className={classes['second']} data-tone={isWorn(item) ? 'warning' : undefined}>
          {isWorn(item) && 'Rotate: '}
          {usesOf(item)}
        </span>
      </div>
      <div className={classes['actions']}>
        {role !== 'active' && role !== 'retired' && (
          <RowButton label={`Retire ${item.id}`} onClick={onRetire}>
            Retire
          </RowButton>
        )}
      </div>
    </li>
  )
}

function isWorn({ warnings }: MasterKey): boolean {
  return warnings.some(({ code }) => code === 'master_key_worn')
}

function Age({ item }: { item: MasterKey }) {
  const { percent, tone, inUse, left } = ageOf(item)
  return (
    <>
      <span className={classes['words']}>
        {inUse}
        <span data-tone={tone === 'warning' ? tone : undefined}>{left}</span>
      </span>
      <div className={classes['meter']} data-tone={tone} aria-hidden>
        <span style={{ width: `${Math.max(percent, 1)}%` }} />
      </div>
    </>
  )
}
