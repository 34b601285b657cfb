import { type AuditFilter, auditResults } from '@latchwork/contract'
import { z } from 'zod'

const text = z.coerce.string().optional().catch(undefined)
const day = z.iso.date().optional().catch(undefined)

/** What the address says of the filters. Days are the reader's, in their time zone. */
export const auditSearchSchema = z.object({
  kind: text,
  actor: text,
  /** The id of the one thing that it is about. */
  object: text,
  result: z.enum(auditResults).optional().catch(undefined),
  from: day,
  to: day,
})
export type AuditSearch = z.infer<typeof auditSearchSchema>

/** The filters as the API takes them: from the first moment of a day to the last of another. */
export function filterOf({ kind, actor, object, result, from, to }: AuditSearch): AuditFilter {
  return {
    ...(kind === undefined ? {} : { action: kind }),
    ...(actor === undefined ? {} : { actorId: actor }),
    ...(object === undefined ? {} : { objectId: object }),
    ...(result === undefined ? {} : { result }),
    ...(from === undefined ? {} : { from: new Date(`${from}T00:00:00.000`).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(`${to}T23:59:59.999`).toISOString() }),
  }
}
