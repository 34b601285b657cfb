import { flowSorts, flowStandings } from '@latchwork/contract'
import { z } from 'zod'

/* What the addresses of screens say after their question mark. */

/** Text out of the address. TanStack reads `?token=123` as a number, so it is made text again. */
export const text = z.coerce.string().optional().catch(undefined)

export const flowSearch = z.object({
  standing: z.enum(flowStandings).optional().catch(undefined),
  owner: z.enum(['me', 'others']).optional().catch(undefined),
  sort: z.enum(flowSorts).optional().catch(undefined),
})

/** Where in a wizard one is; `draft` and `result` tell how one came back from Close's page in the same window. */
export const wizardSearch = z.object({
  part: z.enum(['source', 'destination', 'flow']).optional().catch(undefined),
  step: z.enum(['select', 'authenticate', 'configure']).optional().catch(undefined),
  draft: text,
  result: text,
  /** The connector for which a credential is being added. */
  add: text,
  /** The credential whose drawer is open, and the method that it is being switched to. */
  id: text,
  switch: text,
  /** The starting point that was chosen. */
  start: text,
})

export const credentialSearch = z.object({
  query: text,
  connector: text,
  status: z.enum(['verified', 'unverified', 'failed']).optional().catch(undefined),
  method: text,
  owner: z.enum(['me', 'others']).optional().catch(undefined),
  /** The credential whose drawer is open. */
  id: text,
  /** The connector for which a credential is being added. */
  add: text,
  /** The method that the one with the open drawer is being switched to. */
  switch: text,
  /** Back from Close's page in the same window. */
  draft: text,
  result: text,
})
