import type { Reason } from '@latchwork/contract'

/** A check's message may say that saving is possible. Of a credential that is saved only the rest is true. */
export function reasonOnceSaved({ message }: Reason): string {
  return message.replace(/You can save now; we(['’])ll/, 'We$1ll')
}
