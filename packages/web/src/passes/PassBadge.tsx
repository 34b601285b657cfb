import type { Pass, PassStatus } from '@latchwork/contract'
import { Badge } from '../ui/StatusBadge.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { statusLooks } from './words.ts'

/** Whether a pass works, as colour, icon and word. */
export function PassBadge({ status }: { status: PassStatus }) {
  const { tone, word, Icon } = statusLooks[status]
  return (
    <Badge tone={tone} Icon={Icon}>
      {word}
    </Badge>
  )
}

/** Until when a pass lasts, or since when it is over. Nothing for a revoked one: its time no longer counts. */
export function Expiry({ pass: { status, expiresAt } }: { pass: Pick<Pass, 'status' | 'expiresAt'> }) {
  if (status === 'revoked') return null
  if (expiresAt === null) return 'Never expires'
  return (
    <>
      {status === 'expired' ? 'Expired' : 'Expires'} <TimeAgo at={expiresAt} />
    </>
  )
}
