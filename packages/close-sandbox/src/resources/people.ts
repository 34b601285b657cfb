import { fullName, type User } from '../accounts/accounts.ts'
import { PREDEFINED_ROLES, permissionsOf, type Role } from '../accounts/roles.ts'
import { invalid, notFound } from '../api/errors.ts'
import {
  type ApiAnswer,
  type ApiRequest,
  type Endpoints,
  fieldsOf,
  ok,
  requirePermission,
} from '../api/request.ts'
import { timestamp } from '../clock.ts'
import type { Organization } from '../data/organization.ts'
import { type JsonObject, textOf } from '../json.ts'
import { hash32 } from '../random.ts'
import { emailAccountOf } from './connected-accounts.ts'
import { pageRequest, UNPUBLISHED_LIMITS } from './paging.ts'
import { pipelineRecord } from './pipelines.ts'
import { checkedFields, filledText } from './validate.ts'

export const peopleEndpoints: Endpoints = {
  '/me/': { GET: (request) => ok(only(request, me(request))) },
  '/user/': { GET: listUsers },
  '/user/availability/': {
    GET: ({ caller }) =>
      ok({
        users: members(caller.organization).map((user) => ({ id: user.id, status: 'active', events: [] })),
      }),
  },
  '/user/{id}/': {
    GET: (request) => {
      const { caller, params } = request
      const user = members(caller.organization).find(({ id }) => id === params['id'])
      if (!user) throw notFound()
      return ok(only(request, userRow(user, caller.organization)))
    },
  },
  '/organization/{id}/': {
    GET: (request) => ok(organizationRecord(ownOrganization(request))),
    PUT: (request) => {
      requirePermission(request, 'manage_organization')
      const organization = ownOrganization(request)
      const fields = checkedFields(request.body, { name: filledText }, organization)
      const audit = { updated_by: request.caller.user.id, date_updated: timestamp(request.nowMs) }
      organization.record = { ...organization.record, ...fields, ...audit }
      return ok(organizationRecord(organization))
    },
  },
  '/role/': { GET: () => ok({ data: PREDEFINED_ROLES.map(roleRecord), has_more: false }) },
  '/role/{id}/': {
    GET: ({ params }) => {
      const role = PREDEFINED_ROLES.find(({ id }) => id === params['id'])
      if (!role) throw notFound()
      return ok(roleRecord(role))
    },
  },
}

function roleRecord({ id, name, permissions }: Role): JsonObject {
  return {
    id,
    name,
    permissions: [...permissions],
    editable: false,
    visibility_user_lcf_behavior: null,
    visibility_user_lcf_ids: null,
  }
}

function me({ caller }: ApiRequest): JsonObject {
  const { organization, user } = caller
  const membership = organization.accounts.membership(user.id, organization.id)
  const { settings } = organization
  return {
    ...person(user),
    last_used_timezone: user.timezone,
    email_accounts: settings.connected_account
      .all()
      .filter((account) => account['user_id'] === user.id)
      .map(emailAccountOf),
    memberships: membership
      ? [
          {
            id: membership.id,
            organization_id: organization.id,
            user_id: user.id,
            role_id: membership.roleId,
            permissions_granted: [...permissionsOf(membership.roleId)],
            auto_record_calls: membership.autoRecordCalls,
            track_email_opens: membership.trackEmailOpens,
          },
        ]
      : [],
    organizations: [
      {
        ...pick(organization.record, [
          'id',
          'name',
          'created_by',
          'updated_by',
          'date_created',
          'date_updated',
        ]),
        lead_statuses: settings.lead_status.all().map((status) => pick(status, ['id', 'label'])),
        pipelines: settings.pipeline.all().map((pipeline) => pipelineRecord(pipeline, organization)),
      },
    ],
    phone_numbers: settings.phone_number
      .all()
      .map((number) => pick(number, ['id', 'number', 'organization_id', 'date_created', 'date_updated'])),
  }
}

function person(user: User): JsonObject {
  return {
    id: user.id,
    first_name: user.firstName,
    last_name: user.lastName,
    email: user.email,
    image: `https://images.example/avatar/${hash32(user.email).toString(16)}`,
    date_created: timestamp(user.createdMs),
    date_updated: timestamp(user.createdMs),
  }
}

function userRow(user: User, organization: Organization): JsonObject {
  return { ...person(user), organizations: [organization.id] }
}

/** Active members. */
function members({ accounts, id }: Organization): User[] {
  return accounts.usersOf(id).filter((user) => user.active)
}

function listUsers(request: ApiRequest): ApiAnswer {
  const { limit, skip } = pageRequest(request.query, UNPUBLISHED_LIMITS)
  const order = request.query.get('_order_by') ?? 'date_created'
  const field = order.replace(/^-/, '')
  if (
    !['first_name', 'last_name', 'email', 'date_created', 'date_updated', 'last_used_timezone'].includes(
      field,
    )
  ) {
    throw invalid({ _order_by: 'Input should be a sortable field of a user.' })
  }
  const rows = members(request.caller.organization)
    .map((user) => userRow(user, request.caller.organization))
    .sort((left, right) => (textOf(left, field) ?? '').localeCompare(textOf(right, field) ?? ''))
  if (order.startsWith('-')) rows.reverse()
  return ok({ data: rows.slice(skip, skip + limit), has_more: rows.length > skip + limit })
}

function ownOrganization({ caller, params }: ApiRequest): Organization {
  if (caller.organization.id !== params['id']) throw notFound()
  return caller.organization
}

function organizationRecord(organization: Organization): JsonObject {
  const { accounts, settings } = organization
  const active: JsonObject[] = []
  const inactive: JsonObject[] = []
  for (const membership of accounts.membershipsOf(organization.id)) {
    const user = accounts.users.get(membership.userId)
    if (!user) continue
    const row: JsonObject = {
      id: membership.id,
      user_id: user.id,
      role_id: membership.roleId,
      permissions_granted: [...permissionsOf(membership.roleId)],
      auto_record_calls: membership.autoRecordCalls,
      track_email_opens: membership.trackEmailOpens,
      user_email: user.email,
      user_first_name: user.firstName,
      user_last_name: user.lastName,
      user_full_name: fullName(user),
      user_phone: null,
    }
    if (user.active) active.push({ ...row, user_phone: '+12025550101' })
    else inactive.push(row)
  }
  return {
    ...organization.record,
    lead_statuses: settings.lead_status.all().map((status) => pick(status, ['id', 'label'])),
    pipelines: settings.pipeline.all().map((pipeline) => pipelineRecord(pipeline, organization)),
    memberships: active,
    inactive_memberships: inactive,
  }
}

function only(request: ApiRequest, record: JsonObject): JsonObject {
  const fields = fieldsOf(request)
  return fields ? pick(record, [...fields]) : record
}

function pick(record: JsonObject, fields: readonly string[]): JsonObject {
  const picked: JsonObject = {}
  for (const field of fields) {
    const value = Object.hasOwn(record, field) ? record[field] : undefined
    if (value !== undefined) picked[field] = value
  }
  return picked
}
