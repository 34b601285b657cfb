import { invalid, notFound, unknownUrl } from '../api/errors.ts'
import { type ApiRequest, type Endpoints, ok, requirePermission } from '../api/request.ts'
import { timestamp } from '../clock.ts'
import { appliesTo } from '../data/sample-source.ts'
import { type JsonObject, objectsOf, textOf } from '../json.ts'
import { CLASSIC_LENGTH } from '../record-ids.ts'
import { type CollectionResource, collectionEndpoints } from './collection-resource.ts'
import { UNPUBLISHED_LIMITS } from './paging.ts'
import {
  checkedFields,
  filledText,
  flag,
  list,
  nullable,
  oneOf,
  type Rules,
  settingId,
  text,
} from './validate.ts'

const OBJECT_TYPES = ['lead', 'contact', 'opportunity', 'activity', 'custom_object_type', 'shared'] as const

type CustomFieldOwner = (typeof OBJECT_TYPES)[number]

const TYPES = [
  'text',
  'number',
  'date',
  'datetime',
  'choices',
  'user',
  'contact',
  'custom_object',
  'textarea',
  'hidden',
]

const RULES: Rules = {
  name: filledText,
  description: nullable(text),
  type: oneOf(TYPES),
  choices: nullable(list),
  accepts_multiple_values: flag,
  editable_with_roles: list,
  required: flag,
}

/** A field definition as its endpoints show it. */
function shown({ object_type: _, ...definition }: JsonObject): JsonObject {
  return definition
}

/** @param root `custom_field`, or `custom_fields` as it was called before and is still served */
function resourceOf(root: string, owner: CustomFieldOwner): CollectionResource {
  const isNewer = owner === 'custom_object_type'
  const typeRule: Rules = {
    ...(owner === 'activity' ? { custom_activity_type_id: settingId('custom_activity_type') } : {}),
    ...(isNewer ? { custom_object_type_id: settingId('custom_object_type') } : {}),
    ...(owner === 'shared' ? { associations: list } : {}),
  }
  return {
    path: `/${root}/${owner}/`,
    collection: 'custom_field',
    idPrefix: 'cf',
    idLength: CLASSIC_LENGTH,
    eventType: `custom_fields.${owner === 'custom_object_type' ? 'custom_object' : owner}`,
    audit: 'classic',
    paging: isNewer ? null : UNPUBLISHED_LIMITS,
    hasMore: !isNewer,
    selectsFields: !isNewer,
    includes: (record) => record['object_type'] === owner,
    show: shown,
    writes: {
      createStatus: isNewer ? 201 : 200,
      deleteStatus: isNewer ? 204 : 200,
      permission: 'manage_organization',
      rules: { ...RULES, ...typeRule },
      required: ['name', 'type', ...Object.keys(typeRule).filter((field) => field !== 'associations')],
      defaults: (_request, fields) => {
        if (fields['type'] === 'choices' && !Array.isArray(fields['choices'])) {
          throw invalid({ choices: 'This field is required.' })
        }
        return {
          description: null,
          choices: null,
          accepts_multiple_values: false,
          editable_with_roles: [],
          ...(owner === 'shared' ? { associations: [] } : {}),
          ...(owner === 'activity' || isNewer ? { required: false } : {}),
          object_type: owner,
        }
      },
    },
  }
}

/** The definitions of each object. */
export const CUSTOM_FIELD_RESOURCES: readonly CollectionResource[] = OBJECT_TYPES.map((owner) =>
  resourceOf('custom_field', owner),
)

const DEPRECATED = OBJECT_TYPES.map((owner) => collectionEndpoints(resourceOf('custom_fields', owner)))

export const customFieldEndpoints: Endpoints = Object.assign({}, ...DEPRECATED, {
  '/custom_field/shared/{scf_id}/association/': { POST: associate },
  '/custom_field/shared/{scf_id}/association/{object_type}/': {
    GET: (request: ApiRequest) => ok(association(request).found),
    PUT: (request: ApiRequest) => {
      const { field, found } = association(request)
      const changes = checkedFields(request.body, ASSOCIATION_RULES, request.caller.organization)
      return ok(storeAssociations(request, field, { ...found, ...changes }))
    },
    DELETE: (request: ApiRequest) => {
      const { field } = association(request)
      storeAssociations(request, field, null)
      return { status: 204 }
    },
  },
  '/custom_field_schema/{object_type}/': { GET: schema, PUT: reorder },
  '/custom_field_schema/{object_type}/{type_id}/': { GET: schema, PUT: reorder },
})

const ASSOCIATION_RULES: Rules = { editable_with_roles: list, required: flag }

function sharedField({ caller, params }: ApiRequest): JsonObject {
  const field = caller.organization.settings.custom_field.get(params['scf_id'] ?? '')
  if (field?.['object_type'] !== 'shared') throw notFound()
  return field
}

function association(request: ApiRequest): { field: JsonObject; found: JsonObject } {
  const field = sharedField(request)
  const found = objectsOf(field, 'associations').find(
    (each) => each['object_type'] === request.params['object_type'],
  )
  if (!found) throw notFound()
  return { field, found }
}

function associate(request: ApiRequest) {
  const field = sharedField(request)
  const rules: Rules = {
    object_type: oneOf(['lead', 'contact', 'opportunity', 'custom_activity_type', 'custom_object_type']),
    custom_activity_type_id: settingId('custom_activity_type'),
    editable_with_roles: list,
    required: flag,
  }
  const fields = checkedFields(request.body, rules, request.caller.organization, ['object_type'])
  const made: JsonObject = { editable_with_roles: [], required: false, ...fields }
  if (objectsOf(field, 'associations').some((each) => each['object_type'] === fields['object_type'])) {
    throw invalid({ object_type: 'Already associated.' })
  }
  return { status: 201, body: storeAssociations(request, field, made) ?? {} }
}

/** Replaces the association for the same object type; null removes the named one. */
function storeAssociations(request: ApiRequest, field: JsonObject, made: JsonObject | null): JsonObject {
  requirePermission(request, 'manage_organization')
  const objectType = made ? made['object_type'] : request.params['object_type']
  const others = objectsOf(field, 'associations').filter((each) => each['object_type'] !== objectType)
  const associations = made ? [...others, made] : [...others]
  request.caller.organization.settings.custom_field.put(textOf(field, 'id') ?? '', { ...field, associations })
  return made ?? {}
}

const SCHEMA_NAMES: Readonly<Record<string, string>> = {
  lead: 'Lead',
  contact: 'Contact',
  opportunity: 'Opportunity',
}

/** Own and shared fields of an object type in display order. */
function schema(request: ApiRequest) {
  return ok(schemaOf(request))
}

function schemaOf({ caller, params }: ApiRequest): JsonObject {
  const { id, settings } = caller.organization
  const objectType = params['object_type'] ?? ''
  const typeId = params['type_id']
  const fields = settings.custom_field.all()
  const simpleName = Object.hasOwn(SCHEMA_NAMES, objectType) ? SCHEMA_NAMES[objectType] : undefined
  if (simpleName && typeId === undefined) {
    const own = fields.filter((field) => appliesTo(field, objectType)).map(shown)
    return { name: simpleName, object_type: objectType, organization_id: id, fields: own }
  }
  const isActivity = objectType === 'activity'
  if ((!isActivity && objectType !== 'custom_object') || typeId === undefined) throw unknownUrl()
  const type = settings[isActivity ? 'custom_activity_type' : 'custom_object_type'].get(typeId)
  if (!type) throw notFound()
  const key = isActivity ? 'custom_activity_type_id' : 'custom_object_type_id'
  const own = fields.filter((field) => field[key] === typeId).map(shown)
  return {
    name: textOf(type, 'name'),
    object_type: `${objectType}/${typeId}`,
    organization_id: id,
    fields: own,
  }
}

/** `{"fields": [{"id": ...}]}` puts these fields first, in that order. */
function reorder(request: ApiRequest) {
  requirePermission(request, 'manage_organization')
  schemaOf(request)
  const { settings } = request.caller.organization
  const wanted = checkedFields(request.body, { fields: list }, request.caller.organization, ['fields'])
  const ids = objectsOf(wanted, 'fields').flatMap((field) => textOf(field, 'id') ?? [])
  const all = settings.custom_field.all()
  const inOrder = [
    ...ids.map((id) => all.find((field) => field['id'] === id)).filter((field) => field !== undefined),
    ...all.filter((field) => !ids.includes(textOf(field, 'id') ?? '')),
  ]
  for (const field of inOrder) settings.custom_field.remove(textOf(field, 'id') ?? '')
  const date_updated = timestamp(request.nowMs)
  for (const field of inOrder) {
    settings.custom_field.put(textOf(field, 'id') ?? '', { ...field, date_updated })
  }
  return ok(schemaOf(request))
}
