import type { Flow } from '@latchwork/contract'

/** What a side of a flow is called, also for somebody who may not see it. */
export function sideName({ name }: Flow['source']): string {
  return name ?? 'Not shared with you'
}
