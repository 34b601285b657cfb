import type { Flow } from '@latchwork/contract'

/** What an end of a flow is called, also for somebody who may not see it. */
export function endName({ name }: Flow['source']): string {
  return name ?? 'Not shared with you'
}
