import { createHash } from 'node:crypto'
import { invalid } from '../api/errors.ts'
import type { Endpoints } from '../api/request.ts'
import { type JsonObject, textOf } from '../json.ts'
import { CLASSIC_LENGTH, fixedId, NEWER_LENGTH } from '../record-ids.ts'
import { type CollectionResource, collectionEndpoints } from './collection-resource.ts'
import { customValuesOf } from './custom-values.ts'
import { pipelineRecord } from './pipelines.ts'
import { anything, filledText, flag, list, nullable, oneOf, recordId, settingId, text } from './validate.ts'

const classic: Pick<
  CollectionResource,
  'idLength' | 'isNewer' | 'createStatus' | 'deleteStatus' | 'hasDates' | 'permission'
> = {
  idLength: CLASSIC_LENGTH,
  isNewer: false,
  createStatus: 200,
  deleteStatus: 200,
  hasDates: true,
  permission: 'manage_organization',
}

const newer = {
  ...classic,
  idLength: NEWER_LENGTH,
  isNewer: true,
  createStatus: 201,
  deleteStatus: 204,
} as const

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

/** Statuses, pipelines, types, custom objects, smart views and webhooks. */
export const settingsEndpoints: Endpoints = {
  ...collectionEndpoints({
    ...classic,
    path: '/status/lead/',
    collection: 'lead_status',
    idPrefix: 'stat',
    eventType: 'status.lead',
    hasDates: false,
    rules: { label: filledText },
    required: ['label'],
    defaults: () => ({}),
    checkRemove: ({ caller }, record) => {
      const { tables } = caller.organization
      for (const row of tables.lead.rows()) {
        if (tables.lead.record(row)['status_id'] === record['id'])
          throw invalid({}, ['The status is in use.'])
      }
    },
  }),
  ...collectionEndpoints({
    ...classic,
    path: '/status/opportunity/',
    collection: 'opportunity_status',
    idPrefix: 'stat',
    eventType: 'status.opportunity',
    hasDates: false,
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
    show: ({ status_type: _, ...record }) => record,
    checkRemove: ({ caller }, record) => {
      const { tables } = caller.organization
      for (const row of tables.opportunity.rows()) {
        if (tables.opportunity.record(row)['status_id'] === record['id'])
          throw invalid({}, ['The status is in use.'])
      }
    },
  }),
  ...collectionEndpoints({
    ...newer,
    path: '/pipeline/',
    collection: 'pipeline',
    idPrefix: 'pipe',
    eventType: 'pipeline',
    rules: { name: filledText },
    required: ['name'],
    defaults: () => ({}),
    show: pipelineRecord,
    checkRemove: ({ caller }, record) => {
      const statuses = caller.organization.settings.opportunity_status.all()
      if (statuses.some((status) => status['pipeline_id'] === record['id'])) {
        throw invalid({}, ['Only an empty pipeline can be deleted.'])
      }
    },
  }),
  ...collectionEndpoints({
    ...newer,
    path: '/custom_activity/',
    collection: 'custom_activity_type',
    idPrefix: 'actitype',
    eventType: 'custom_activity_type',
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
    show: (record, { settings }) => ({
      ...record,
      fields: fieldsOfType(settings.custom_field.all(), 'custom_activity_type_id', record),
    }),
  }),
  ...collectionEndpoints({
    ...newer,
    path: '/custom_object_type/',
    collection: 'custom_object_type',
    idPrefix: 'cotype',
    eventType: 'custom_object_type',
    rules: {
      name: filledText,
      name_plural: filledText,
      description: nullable(text),
      api_create_only: flag,
      editable_with_roles: list,
    },
    required: ['name', 'name_plural'],
    defaults: () => ({ description: null, api_create_only: false, editable_with_roles: [] }),
    show: (record, { settings }) => ({
      ...record,
      fields: fieldsOfType(settings.custom_field.all(), 'custom_object_type_id', record),
    }),
  }),
  ...collectionEndpoints({
    ...classic,
    path: '/custom_object/',
    collection: 'custom_object',
    idPrefix: 'custobj',
    eventType: 'custom_object',
    createStatus: 201,
    deleteStatus: 204,
    permission: null,
    filters: ['lead_id', 'custom_object_type_id'],
    rules: {
      name: filledText,
      lead_id: recordId('lead'),
      custom_object_type_id: settingId('custom_object_type'),
    },
    required: ['lead_id', 'custom_object_type_id', 'name'],
    defaults: () => ({}),
    derive: ({ body, caller }) => customValuesOf(body, 'custom_object_type', caller.organization),
    checkList: ({ query }) => {
      if (!query.get('lead_id')) throw invalid({ lead_id: 'This field is required.' })
    },
  }),
  ...collectionEndpoints({
    ...classic,
    path: '/saved_search/',
    collection: 'saved_search',
    idPrefix: 'save',
    eventType: 'saved_search',
    permission: null,
    filters: ['type', 'type__in'],
    rules: {
      name: filledText,
      description: text,
      type: oneOf(SEARCH_TYPES),
      s_query: anything,
      query: nullable(text),
      is_shared: flag,
    },
    required: ['name', 's_query'],
    hasDates: true,
    defaults: ({ caller }) => ({
      description: '',
      type: 'lead',
      is_shared: false,
      is_user_dependent: false,
      query: null,
      user_id: caller.user.id,
    }),
    show: ({ created_by: _created, updated_by: _updated, ...record }) => record,
  }),
  ...collectionEndpoints({
    ...classic,
    path: '/webhook/',
    collection: 'webhook',
    idPrefix: 'whsub',
    idLength: NEWER_LENGTH,
    eventType: 'webhook',
    createStatus: 201,
    permission: null,
    rules: {
      url: filledText,
      events: list,
      status: oneOf(['active', 'paused']),
      verify_ssl: flag,
    },
    required: ['url', 'events'],
    defaults: ({ requestId, caller }) => ({
      counters: {},
      health_status: 'healthy',
      latest_error: null,
      pause_reason: null,
      recent_consecutive_fail_buckets_cnt: 0,
      signature_key: createHash('sha256')
        .update(fixedId('key', caller.organization.id, requestId))
        .digest('hex'),
      status: 'active',
      verify_ssl: true,
    }),
    derive: (_request, fields) => {
      if (fields['status'] === 'paused') return { pause_reason: 'api' }
      return fields['status'] === 'active' ? { pause_reason: null } : {}
    },
  }),
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
