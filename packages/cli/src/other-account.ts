import { ApiError } from '@latchwork/contract'
import type { Context } from './context.ts'
import { canAsk, confirm } from './prompt.ts'
import { clean } from './terminal.ts'

/**
 * Does work that the server may refuse with `identity_changed`. In a terminal the person then sees both accounts and
 * decides.
 * @param confirmed whether an option already allowed the other account
 */
export async function confirmingOtherAccount<T>(
  { io, json, terminal }: Context,
  confirmed: boolean,
  work: (confirmIdentityChange: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await work(confirmed)
  } catch (error) {
    const isOther = error instanceof ApiError && error.code === 'identity_changed'
    if (!isOther || confirmed || json || !canAsk(io)) throw error
    terminal.note(clean(error.problem.detail))
    if (await confirm(io, 'Use the other account')) return work(true)
    throw error
  }
}
