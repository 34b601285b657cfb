import { type JsonObject, textOf } from '../json.ts'
import { type ChangeContext, deleteRecord, insertRecord, updateRecord } from './changes.ts'
import { CHILD_TABLES } from './organization.ts'

/** Two leads of which one goes into the other. */
export interface LeadMerge {
  /** The lead that is deleted. */
  readonly source: string
  /** The lead that gets everything. */
  readonly destination: string
  /** Children move without a trace: no new `date_updated`, no events of theirs. Default false. */
  readonly keepDates?: boolean
}

/**
 * Moves everything of the source lead to the destination lead, then deletes the source.
 * @throws Error when one of them does not exist, or both are the same
 */
export function mergeLeads(
  context: ChangeContext,
  { source, destination, keepDates = false }: LeadMerge,
): void {
  const { organization } = context
  const { tables } = organization
  const row = tables.lead.rowOf(source)
  if (row === undefined) throw new Error(`There is no lead ${source}.`)
  if (tables.lead.rowOf(destination) === undefined) throw new Error(`There is no lead ${destination}.`)
  if (source === destination) throw new Error('A lead cannot be merged into itself.')
  for (const name of CHILD_TABLES) {
    const table = tables[name]
    for (const child of table.rowsOfLead(source)) {
      if (keepDates) table.replace(child, { ...table.record(child), lead_id: destination })
      else updateRecord(context, name, child, { lead_id: destination })
    }
  }
  const nameOf = (leadId: string): string => textOf(tables.lead.get(leadId) ?? {}, 'name') ?? 'Untitled'
  const ids: JsonObject = { source_lead_id: source, destination_lead_id: destination }
  insertRecord(context, 'activity', {
    _type: 'LeadMerge',
    lead_id: destination,
    contact_id: null,
    user_id: context.actor.userId,
    users: [],
    ...ids,
    source_display_name: nameOf(source),
    destination_display_name: nameOf(destination),
    merge_status: 'completed',
    error_message: null,
  })
  organization.events.record(
    organization.id,
    {
      action: 'merged',
      objectType: 'lead',
      objectId: source,
      leadId: destination,
      data: null,
      previous: {},
      meta: { merge_source_lead_id: source, merge_destination_lead_id: destination },
    },
    context.actor,
    context.nowMs,
  )
  deleteRecord(context, 'lead', row)
}
