import { invalid } from '../api/errors.ts'
import type { ApiRequest } from '../api/request.ts'
import type { TableName } from '../data/organization.ts'
import { type JsonObject, textOf } from '../json.ts'
import { classic, classicWrites, newer, newerWrites } from './collection-bases.ts'
import type { CollectionResource } from './collection-resource.ts'
import { requireChoice } from './filters.ts'
import { pipelineRecord } from './pipelines.ts'
import { anything, filledText, flag, list, nullable, oneOf, settingId, text } from './validate.ts'

const SEARCH_TYPES = [
  'lead',
  'contact',
  'opportunity',
  'call',
  'email',
  'sms',
  'meeting',
  'note',
  'whatsapp_message',
  'custom_activity',
  'form_submission',
]

/** Statuses, pipelines, types and smart views. */
export const SETTINGS_RESOURCES: readonly CollectionResource[] = [
  {
    ...classic,
    path: '/status/lead/',
    collection: 'lead_status',
    idPrefix: 'stat',
    eventType: 'status.lead',
    audit: 'none',
    writes: {
      ...classicWrites,
      rules: { label: filledText },
      required: ['label'],
      checkRemove: unlessUsed('lead'),
    },
  },
  {
    ...classic,
    path: '/status/opportunity/',
    collection: 'opportunity_status',
    idPrefix: 'stat',
    eventType: 'status.opportunity',
    audit: 'none',
    show: ({ status_type: _, ...record }) => record,
    writes: {
      ...classicWrites,
      rules: {
        label: filledText,
        type: oneOf(['active', 'won', 'lost']),
        status_type: oneOf(['active', 'won', 'lost']),
        pipeline_id: settingId('pipeline'),
      },
      required: ['label'],
      // Older descriptions call the field status_type. Both names are accepted; answers have `type`.
      derive: (_request, fields) =>
        fields['status_type'] === undefined ? {} : { type: fields['status_type'] },
      defaults: ({ caller }) => ({
        type: 'active',
        pipeline_id: textOf(caller.organization.settings.pipeline.all()[0] ?? {}, 'id'),
      }),
      checkRemove: unlessUsed('opportunity'),
    },
  },
  {
    ...newer,
    path: '/pipeline/',
    collection: 'pipeline',
    idPrefix: 'pipe',
    eventType: null,
    show: pipelineRecord,
    writes: {
      ...newerWrites,
      rules: { name: filledText },
      required: ['name'],
      checkRemove: ({ caller }, record) => {
        const statuses = caller.organization.settings.opportunity_status.all()
        if (statuses.some((status) => status['pipeline_id'] === record['id'])) {
          throw invalid({}, ['Only an empty pipeline can be deleted.'])
        }
      },
    },
  },
  {
    ...newer,
    path: '/custom_activity/',
    collection: 'custom_activity_type',
    idPrefix: 'actitype',
    eventType: 'custom_activity_type',
    show: (record, { settings }) => ({
      ...record,
      fields: fieldsOfType(settings.custom_field.all(), 'custom_activity_type_id', record),
    }),
    writes: {
      ...newerWrites,
      rules: {
        name: filledText,
        description: nullable(text),
        api_create_only: flag,
        editable_with_roles: list,
        is_archived: flag,
      },
      required: ['name'],
      defaults: () => ({
        description: null,
        api_create_only: false,
        editable_with_roles: [],
        is_archived: false,
      }),
    },
  },
  {
    ...newer,
    path: '/custom_object_type/',
    collection: 'custom_object_type',
    idPrefix: 'cotype',
    eventType: 'custom_object_type',
    show: (record, { settings }) => ({
      ...record,
      fields: fieldsOfType(settings.custom_field.all(), 'custom_object_type_id', record),
      back_reference_fields: fieldsOfType(settings.custom_field.all(), 'referenced_custom_type_id', record),
    }),
    writes: {
      ...newerWrites,
      rules: {
        name: filledText,
        name_plural: filledText,
        description: nullable(text),
        api_create_only: flag,
        editable_with_roles: list,
      },
      required: ['name', 'name_plural'],
      defaults: () => ({ description: null, api_create_only: false, editable_with_roles: [] }),
    },
  },
  {
    ...classic,
    path: '/saved_search/',
    collection: 'saved_search',
    idPrefix: 'save',
    eventType: 'saved_search',
    filters: ['type', 'type__in'],
    // Without a filter the list has the smart views of leads only.
    scope: ({ query }) => {
      const types = query.get('type') || query.get('type__in')
      if (!types) return ({ type }) => type === 'lead'
      requireChoice('type', types.split(','), SEARCH_TYPES)
      return null
    },
    show: ({ created_by: _created, updated_by: _updated, ...record }) => record,
    writes: {
      ...classicWrites,
      permission: null,
      rules: {
        name: filledText,
        description: text,
        type: oneOf(SEARCH_TYPES),
        s_query: anything,
        query: nullable(text),
        is_shared: flag,
      },
      required: ['name', 's_query'],
      defaults: ({ caller }) => ({
        description: '',
        type: 'lead',
        is_shared: false,
        is_user_dependent: false,
        query: null,
        user_id: caller.user.id,
      }),
    },
  },
]

/** A status that records of that table have cannot be deleted. */
function unlessUsed(table: TableName) {
  return ({ caller }: ApiRequest, status: JsonObject): void => {
    const rows = caller.organization.tables[table]
    for (const row of rows.rows()) {
      if (rows.record(row)['status_id'] === status['id']) throw invalid({}, ['The status is in use.'])
    }
  }
}

/** The custom fields of an activity or object type, in the short form of the type's own answer. */
function fieldsOfType(fields: readonly JsonObject[], key: string, type: JsonObject): JsonObject[] {
  return fields
    .filter((field) => field[key] === type['id'])
    .map((field) => ({
      id: textOf(field, 'id'),
      name: textOf(field, 'name'),
      type: textOf(field, 'type'),
      description: textOf(field, 'description'),
      required: field['required'] === true,
      accepts_multiple_values: field['accepts_multiple_values'] === true,
      converting_to_type: null,
      editable_with_roles: [],
    }))
}
