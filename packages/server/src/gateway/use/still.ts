import { LatchworkError } from '@latchwork/contract'
import type { Admitted } from './admission.ts'

/** What was known of a pass so long ago is asked again before anything is sent. */
export const longAgoMs = 400

/**
 * Requires that a pass is what it was. To be asked when the turn of a call has come, or its whole body: what was decided
 * about it before holds no longer than its pass.
 * @throws {LatchworkError} as `Caller.admit`, and `pass_address`, `gateway_busy`
 */
export async function requireStill(
  { policy, pass }: Pick<Admitted, 'policy' | 'pass'>,
  { admit, address }: { readonly address: string; admit(): Promise<Admitted> },
): Promise<void> {
  const now = await admit()
  if (!now.takes(address)) throw new LatchworkError('pass_address')
  if (now.policy === policy && now.pass.confirmWrites === pass.confirmWrites) return
  const message = 'This pass was changed while the call waited for its turn. Send it again.'
  throw new LatchworkError('gateway_busy', { message, retryAfterSeconds: 1 })
}
