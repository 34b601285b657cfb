import type { Membership } from '../accounts/accounts.ts'
import { PREDEFINED_ROLES, permissionsOf } from '../accounts/roles.ts'
import { forbidden, invalid, notFound } from '../api/errors.ts'
import {
  type ApiAnswer,
  type ApiRequest,
  changeContext,
  type Endpoints,
  ok,
  requirePermission,
} from '../api/request.ts'
import type { ChangeContext } from '../data/changes.ts'
import type { EventAction } from '../events/event-log.ts'
import { isObject, type JsonObject, sameJson, textOf } from '../json.ts'
import { checkedFields, filledText, flag, oneOf } from './validate.ts'

export const membershipEndpoints: Endpoints = {
  '/membership/': { POST: createMembership, PUT: updateMemberships },
  '/membership/{id}/': {
    PUT: (request) => {
      requirePermission(request, 'manage_organization')
      const membership = ownMembership(request, request.params['id'] ?? '')
      changeMembership(request, membership)
      return ok(membershipRecord(membership))
    },
    DELETE: (request) => {
      requirePermission(request, 'manage_organization')
      const membership = ownMembership(request, request.params['id'] ?? '')
      if (membership.userId === request.caller.user.id) throw forbidden('You cannot remove yourself.')
      request.caller.organization.accounts.memberships.delete(membership.id)
      logMembership(changeContext(request), membership, 'deleted')
      return ok({})
    },
  },
}

function membershipRecord(membership: Membership): JsonObject {
  return {
    id: membership.id,
    organization_id: membership.organizationId,
    user_id: membership.userId,
    role: membership.roleId,
    role_id: membership.roleId,
    permissions_granted: [...permissionsOf(membership.roleId)],
    auto_record_calls: membership.autoRecordCalls,
    track_email_opens: membership.trackEmailOpens,
    default_caller_id: null,
    hangup_recording_url: null,
    is_free: false,
    may_workflows_impersonate: false,
    onboarding_status: 'in-progress',
    primary_personal_number: null,
  }
}

function ownMembership({ caller }: ApiRequest, id: string): Membership {
  const membership = caller.organization.accounts.memberships.get(id)
  if (!membership || membership.organizationId !== caller.organization.id) throw notFound()
  return membership
}

const MEMBERSHIP_RULES = {
  role_id: oneOf(PREDEFINED_ROLES.map(({ id }) => id)),
  auto_record_calls: oneOf(['unset', 'enabled', 'disabled']),
  track_email_opens: flag,
}

/** Only addresses in a domain of the organization's own people can be invited. */
function createMembership(request: ApiRequest): ApiAnswer {
  requirePermission(request, 'manage_organization')
  const { organization } = request.caller
  const { accounts } = organization
  const rules = { email: filledText, role_id: MEMBERSHIP_RULES.role_id }
  const fields = checkedFields(request.body, rules, organization, ['email', 'role_id'])
  const email = String(fields['email'])
  const domain = email.split('@')[1]
  const ownDomains = accounts.usersOf(organization.id).map((user) => user.email.split('@')[1])
  if (!domain || !ownDomains.includes(domain))
    throw invalid({ email: 'The domain of this address is not verified.' })
  const known = [...accounts.users.values()].find((user) => user.email === email)
  if (known && accounts.membership(known.id, organization.id)) throw invalid({ email: 'Already a member.' })
  const [firstName = email] = email.split('@')
  const user =
    known ??
    accounts.addUser({ email, firstName, lastName: '', timezone: 'Etc/UTC', createdMs: request.nowMs })
  const membership = accounts.addMembership(user.id, organization.id, String(fields['role_id']))
  logMembership(changeContext(request), membership, 'created')
  return ok(membershipRecord(membership))
}

function updateMemberships(request: ApiRequest): ApiAnswer {
  requirePermission(request, 'manage_organization')
  const params = request.body['_params']
  const ids = (isObject(params) ? textOf(params, 'id__in') : request.query.get('id__in'))?.split(',') ?? []
  if (ids.length === 0) throw invalid({ id__in: 'This field is required.' })
  const memberships = ids.map((id) => ownMembership(request, id))
  for (const membership of memberships) changeMembership(request, membership)
  return ok({ count: memberships.length })
}

function changeMembership(request: ApiRequest, membership: Membership): void {
  const before = membershipRecord(membership)
  const fields = checkedFields(request.body, MEMBERSHIP_RULES, request.caller.organization)
  membership.roleId = textOf(fields, 'role_id') ?? membership.roleId
  const recording = textOf(fields, 'auto_record_calls')
  if (recording === 'unset' || recording === 'enabled' || recording === 'disabled') {
    membership.autoRecordCalls = recording
  }
  if (typeof fields['track_email_opens'] === 'boolean')
    membership.trackEmailOpens = fields['track_email_opens']
  logMembership(
    changeContext(request),
    membership,
    'updated',
    changedFields(before, membershipRecord(membership)),
  )
}

function changedFields(before: JsonObject, after: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(before).filter(([field, value]) => !sameJson(value, after[field])))
}

/** Logs what happened to a membership; an update that changed nothing is none. */
export function logMembership(
  { organization, actor, nowMs }: ChangeContext,
  membership: Membership,
  action: EventAction,
  previous: JsonObject = {},
): void {
  if (action === 'updated' && Object.keys(previous).length === 0) return
  organization.events.record(
    organization.id,
    {
      action,
      objectType: 'membership',
      objectId: membership.id,
      leadId: null,
      data: action === 'deleted' ? null : membershipRecord(membership),
      previous,
    },
    actor,
    nowMs,
  )
}
