import type { PassSeals } from '@latchwork/contract'
import { formatCount } from '../ui/number-words.ts'

/** Whether the calls of passes are those that this log has sealed, as a sentence. */
export function sealWords({ intact, hours, fault }: PassSeals): string {
  if (!intact)
    return `The calls of passes were changed after they were sealed. ${fault?.message ?? ''}`.trim()
  if (hours === 0) return 'No calls of passes are sealed yet: each hour with calls is sealed once it is over.'
  const sealed = hours === 1 ? 'the one sealed hour' : `all ${formatCount(hours)} sealed hours`
  return `The calls of passes are intact: those of ${sealed} are as they were recorded.`
}
