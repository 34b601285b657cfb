import {
  counted,
  type Pass,
  type PassFilter,
  type PassObjectName,
  type PassRules,
  type PassStatus,
  passObjectNames,
} from '@latchwork/contract'
import {
  IconCircleCheckFilled,
  IconCircleMinus,
  IconClockX,
  IconPlayerPauseFilled,
  type TablerIcon,
} from '@tabler/icons-react'
import { formatCount } from '../ui/number-words.ts'
import type { Tone } from '../ui/StatusBadge.tsx'

export const statusLooks: Record<
  PassStatus,
  { readonly tone: Tone; readonly word: string; Icon: TablerIcon }
> = {
  active: { tone: 'good', word: 'Active', Icon: IconCircleCheckFilled },
  paused: { tone: 'warning', word: 'Paused', Icon: IconPlayerPauseFilled },
  expired: { tone: 'neutral', word: 'Expired', Icon: IconClockX },
  revoked: { tone: 'neutral', word: 'Revoked', Icon: IconCircleMinus },
}

export const filterWords: Readonly<Record<PassFilter, string>> = {
  active: 'Active',
  ending: 'Ends soon',
  paused: 'Paused',
  expired: 'Expired',
  revoked: 'Revoked',
}

/** "2 writes wait" */
export function waitingWords(count: number): string {
  return count === 1 ? '1 write waits' : `${formatCount(count)} writes wait`
}

/** "5 requests a second, 1,000 a day" */
export function shareWords({ perSecond, perDay }: Pick<Pass, 'perSecond' | 'perDay'>): string {
  const parts = [
    ...(perSecond === null ? [] : [`${counted(perSecond, 'request')} a second`]),
    ...(perDay === null ? [] : [`${formatCount(perDay)} ${perSecond === null ? 'requests ' : ''}a day`]),
  ]
  return parts.length === 0 ? 'As many requests as Close takes' : `At most ${parts.join(', ')}`
}

/** The objects of which only some fields are read or written. */
export function limitedObjects({ fields = {} }: PassRules): PassObjectName[] {
  return passObjectNames.filter((name) => fields[name] !== undefined)
}

/** Of a pass, where the person may see it. */
export function shownCredential({ credential: { id, name } }: Pick<Pass, 'credential'>): string | null {
  return name === null ? null : id
}

/** The credential of a pass, also for who may not see it. */
export function credentialWords({ credential: { name, organization } }: Pick<Pass, 'credential'>): string {
  if (name === null) return 'A credential that you may not see'
  return organization === null ? name : `${name} (${organization})`
}
