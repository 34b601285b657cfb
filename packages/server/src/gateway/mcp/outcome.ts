import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import type { WriteOutcome } from '../confirm/confirmations.ts'
import { failed, resultOf, said } from './result.ts'

/** What a model is given of a write that a person decides about. */
export function outcomeResult(id: string, { state, expiresAt, answer }: WriteOutcome): CallToolResult {
  switch (state) {
    case 'waiting':
      return said(
        `Nothing is changed yet: a person has to confirm this first, in Latchwork. It waits until ${expiresAt}. Call check_confirmation with the id "${id}". Do not make the same write again.`,
      )
    case 'sending':
      return said(`A person confirmed it, and it is on its way. Call check_confirmation with the id "${id}".`)
    case 'refused':
      return failed('A person refused this write. It was not sent. Do not make it again.')
    case 'expired':
      return failed('Nobody confirmed this write in time. It was not sent.')
    case 'in_doubt':
      return failed(
        'A person confirmed it, but nobody can tell whether Close has it. Look there before anything is repeated.',
      )
    case 'sent':
    case 'failed':
      return answer === null ? said('It was sent.') : resultOf(answer, undefined)
  }
}
