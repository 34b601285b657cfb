import type { ObjectKind } from '../data/object-kinds.ts'
import { opportunityDefaults } from '../data/opportunity-defaults.ts'
import type { Organization } from '../data/organization.ts'
import { type JsonObject, textOf } from '../json.ts'

/** The fields that a record entered by a person has, whatever is given for it. */
export function defaultsOf({ table, kinds }: ObjectKind, { settings }: Organization): JsonObject {
  const first = (list: readonly JsonObject[]): string | null => textOf(list[0] ?? {}, 'id')
  switch (table) {
    case 'lead':
      return {
        name: null,
        description: '',
        url: null,
        addresses: [],
        status_id: first(settings.lead_status.all()),
      }
    case 'contact':
      return { name: null, title: null, emails: [], phones: [], urls: [] }
    case 'opportunity':
      return {
        contact_id: null,
        user_id: null,
        status_id: first(settings.opportunity_status.all()),
        ...opportunityDefaults(),
      }
    case 'task':
      return {
        _type: kinds?.[0] ?? 'lead',
        assigned_to: null,
        text: '',
        date: null,
        is_complete: false,
        contact_id: null,
      }
    case 'activity': {
      const custom: JsonObject =
        kinds?.[0] === 'CustomActivity'
          ? { custom_activity_type_id: first(settings.custom_activity_type.all()), status: 'published' }
          : {}
      return { _type: kinds?.[0] ?? 'Note', contact_id: null, user_id: null, users: [], ...custom }
    }
    case 'custom_object':
      return { name: 'Untitled', custom_object_type_id: first(settings.custom_object_type.all()) }
  }
}
