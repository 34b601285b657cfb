import type { CredentialStatus, RunStatus, RunStream } from '@latchwork/contract'
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleMinus,
  IconCircleXFilled,
  IconClock,
  IconProgress,
  type TablerIcon,
} from '@tabler/icons-react'
import classes from './states.module.css'

export type Tone = 'good' | 'warning' | 'bad' | 'neutral' | 'active'

const looks: Record<
  CredentialStatus | RunStatus | RunStream['status'],
  { tone: Tone; word: string; Icon: TablerIcon }
> = {
  draft: { tone: 'neutral', word: 'Draft', Icon: IconCircleDashed },
  verified: { tone: 'good', word: 'Verified', Icon: IconCircleCheckFilled },
  unverified: { tone: 'warning', word: 'Unverified', Icon: IconAlertTriangleFilled },
  queued: { tone: 'neutral', word: 'Queued', Icon: IconClock },
  running: { tone: 'active', word: 'Running', Icon: IconProgress },
  succeeded: { tone: 'good', word: 'Succeeded', Icon: IconCircleCheckFilled },
  partial: { tone: 'warning', word: 'Partial', Icon: IconAlertTriangleFilled },
  failed: { tone: 'bad', word: 'Failed', Icon: IconCircleXFilled },
  cancelled: { tone: 'neutral', word: 'Cancelled', Icon: IconCircleMinus },
  waiting: { tone: 'neutral', word: 'Waiting', Icon: IconClock },
  skipped: { tone: 'warning', word: 'Skipped', Icon: IconCircleMinus },
}

/** The colour of a status, where its word stands elsewhere. */
export function toneOf(status: RunStatus): Tone {
  return looks[status].tone
}

interface StatusBadgeProps {
  status: CredentialStatus | RunStatus | RunStream['status']
  /** Instead of the status's own word. */
  word?: string
}

/** A status as colour, icon and word. */
export function StatusBadge({ status, word }: StatusBadgeProps) {
  const look = looks[status]
  return (
    <Badge tone={look.tone} Icon={look.Icon}>
      {word ?? look.word}
    </Badge>
  )
}

interface BadgeProps {
  tone: Tone
  Icon: TablerIcon
  children: string
}

/** A word with its colour and icon. */
export function Badge({ tone, Icon, children }: BadgeProps) {
  return (
    <span className={classes['badge']} data-tone={tone}>
      <Icon size={14} aria-hidden />
      {children}
    </span>
  )
}
