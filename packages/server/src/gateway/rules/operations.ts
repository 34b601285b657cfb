import { endpoints } from '@latchwork/close'
import type { PassObjectName, PassVerb } from '@latchwork/contract'

/* Which object and verb of a pass each endpoint of Close belongs to. */

/** What a pass must have for an operation: each of these. */
export interface Need {
  readonly object: PassObjectName
  readonly verb: PassVerb
}

/** An endpoint of Close, and what a pass needs for it. */
export interface Operation {
  readonly method: string
  /** As in the catalogue: `/lead/{id}/`. */
  readonly path: string
  readonly needs: readonly Need[]
  /**
   * What more has to be looked at. `activities`: kinds of activity by `_type`. `events`: the object by `object_type`.
   * `search`: the object types of the body. `whole`: it may tell anything of a lead, and `all`: anything, so all of that
   * must be readable. `sums`: of every field. `bulk`: it changes what a search finds. `enriches`: it writes any field.
   */
  readonly looks:
    | 'nothing'
    | 'activities'
    | 'events'
    | 'search'
    | 'whole'
    | 'all'
    | 'sums'
    | 'bulk'
    | 'enriches'
  /** What the records of its answers are; null: each says so, or they are no records. */
  readonly answers: PassObjectName | null
}

/** Whether it changes something. */
export function changes({ needs }: Operation): boolean {
  return needs.some(({ verb }) => verb !== 'read')
}

/** The beginnings of paths; the longest that fits decides. */
const objectsByPath: Readonly<Record<string, PassObjectName>> = {
  '/activity/call/': 'call',
  '/activity/created/': 'activity',
  '/activity/custom/': 'custom_activity',
  '/activity/email/': 'email',
  '/activity/emailthread/': 'email',
  '/activity/form_submission/': 'form',
  '/activity/import_update/': 'activity',
  '/activity/lead_merge/': 'activity',
  '/activity/meeting/': 'meeting',
  '/activity/note/': 'note',
  '/activity/sms/': 'sms',
  '/activity/status_change/': 'activity',
  '/activity/task_completed/': 'activity',
  '/activity/whatsapp_message/': 'whatsapp',
  '/blocked_phone_number/': 'phone_number',
  '/bulk_action/': 'bulk_action',
  '/comment/': 'comment',
  '/comment_thread/': 'comment',
  '/connected_account/': 'connected_account',
  '/contact/': 'contact',
  '/custom_activity/': 'custom_field',
  '/custom_field/': 'custom_field',
  '/custom_field_schema/': 'custom_field',
  '/custom_object/': 'custom_object',
  '/custom_object_type/': 'custom_field',
  '/dialer/': 'phone_number',
  '/email_template/': 'template',
  '/enrich_field/': 'enrichment',
  '/event/': 'event',
  '/export/': 'export',
  '/files/': 'file',
  '/form/': 'form',
  '/group/': 'user',
  '/integration_link/': 'integration_link',
  '/lead/': 'lead',
  '/lead/{id}/files/': 'file',
  '/me/': 'user',
  '/membership/': 'user',
  '/opportunity/': 'opportunity',
  '/organization/': 'organization',
  '/outcome/': 'status',
  '/phone_number/': 'phone_number',
  '/pipeline/': 'status',
  '/playbook/': 'playbook',
  '/report/': 'report',
  '/role/': 'user',
  '/saved_search/': 'smart_view',
  '/scheduling_link/': 'scheduling_link',
  '/send_as/': 'connected_account',
  '/sequence/': 'sequence',
  '/sequence_subscription/': 'sequence',
  '/shared_scheduling_link/': 'scheduling_link',
  '/shared_scheduling_link_association/': 'scheduling_link',
  '/sms_template/': 'template',
  '/status/': 'status',
  '/task/': 'task',
  '/unsubscribe/': 'unsubscribe',
  '/user/': 'user',
  '/webhook/': 'webhook',
}

const usualVerbs: Readonly<Record<string, PassVerb>> = {
  GET: 'read',
  POST: 'create',
  PUT: 'change',
  PATCH: 'change',
  DELETE: 'delete',
}

type Special = Partial<Pick<Operation, 'needs' | 'looks'>>
const need = (object: PassObjectName, ...verbs: readonly PassVerb[]): Need[] =>
  verbs.map((verb) => ({ object, verb }))

const bulk = (object: PassObjectName, ...verbs: readonly PassVerb[]): Special => ({
  needs: [...need('bulk_action', 'create'), ...need(object, ...verbs)],
  looks: 'bulk',
})

/** Operations that do something else than their method and path suggest. */
const specials: Readonly<Record<string, Special>> = {
  'GET /activity/': { needs: [], looks: 'activities' },
  'POST /activity/meeting/{id}/integration/': { needs: need('meeting', 'change') },
  'POST /bulk_action/delete/': bulk('lead', 'delete'),
  'POST /bulk_action/edit/': bulk('lead', 'change'),
  'POST /bulk_action/email/': bulk('email', 'create'),
  'POST /bulk_action/sequence_subscription/': bulk('sequence', 'create', 'change'),
  'POST /data/search/': { needs: [], looks: 'search' },
  'GET /email_template/{id}/render/': {
    needs: [...need('template', 'read'), ...need('lead', 'read'), ...need('contact', 'read')],
    looks: 'whole',
  },
  'POST /enrich_field/': {
    needs: [...need('enrichment', 'create'), ...need('lead', 'change'), ...need('contact', 'change')],
    looks: 'enriches',
  },
  'GET /event/': { needs: need('event', 'read'), looks: 'events' },
  'GET /event/{id}/': { needs: need('event', 'read'), looks: 'all' },
  'GET /export/': { needs: need('export', 'read'), looks: 'whole' },
  'GET /export/{id}/': { needs: need('export', 'read'), looks: 'whole' },
  'GET /export/lead/': { needs: need('export', 'read'), looks: 'whole' },
  'GET /export/lead/{id}/': { needs: need('export', 'read'), looks: 'whole' },
  'GET /export/opportunity/': { needs: need('export', 'read'), looks: 'whole' },
  'GET /export/opportunity/{id}/': { needs: need('export', 'read'), looks: 'whole' },
  'POST /export/lead/': { needs: need('export', 'create'), looks: 'whole' },
  'POST /export/opportunity/': { needs: need('export', 'create'), looks: 'whole' },
  'POST /group/{group_id}/member/': { needs: need('user', 'change') },
  'DELETE /group/{group_id}/member/{user_id}/': { needs: need('user', 'change') },
  'POST /lead/merge/': { needs: need('lead', 'change', 'delete') },
  'POST /playbook/{id}/archive/': { needs: need('playbook', 'change') },
  'POST /playbook/{id}/unarchive/': { needs: need('playbook', 'change') },
  'POST /report/activity/': { needs: need('report', 'read') },
  'POST /report/funnel/opportunity/stages/': { needs: need('report', 'read') },
  'POST /report/funnel/opportunity/totals/': { needs: need('report', 'read') },
  'POST /send_as/bulk/': { needs: need('connected_account', 'create', 'delete') },
  'POST /shared_scheduling_link_association/unmap/': { needs: need('scheduling_link', 'delete') },
  // It sends what it is asked for to any address, past all rules.
  'POST /webhook/': { looks: 'all' },
  'PUT /webhook/{id}/': { looks: 'all' },
}

const none: Special = {}

/** Every operation of Close's catalogue. */
export const operations: readonly Operation[] = Object.entries(endpoints).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => operationOf(method, path)),
)

function operationOf(method: string, path: string): Operation {
  const special = specials[`${method} ${path}`] ?? none
  const object = objectOf(path)
  const verb = usualVerbs[method]
  if (special.needs === undefined && (object === null || verb === undefined))
    throw new Error(`${method} ${path} belongs to no object: name it in objectsByPath`)
  const usual = object === null || verb === undefined ? [] : need(object, verb)
  return {
    method,
    path,
    needs: special.needs ?? usual,
    looks: special.looks ?? (object === 'report' ? 'sums' : 'nothing'),
    answers: object === 'event' || object === 'report' || object === 'export' ? null : object,
  }
}

function objectOf(path: string): PassObjectName | null {
  const fitting = Object.keys(objectsByPath).filter((prefix) => path.startsWith(prefix))
  const [longest] = fitting.sort((a, b) => b.length - a.length)
  return longest === undefined ? null : (objectsByPath[longest] ?? null)
}

interface Branch {
  readonly named: Map<string, Branch>
  any: Branch | null
  readonly byMethod: Map<string, Operation>
}

const tree = newBranch()
for (const operation of operations) {
  let branch = tree
  for (const part of partsOf(operation.path)) branch = below(branch, part)
  branch.byMethod.set(operation.method, operation)
}

/** What they were called before, which Close still serves: clients ask for `/custom_fields/lead/`. */
const earlierNames = { custom_fields: 'custom_field' } as const
for (const [earlier, name] of Object.entries(earlierNames)) {
  const branch = tree.named.get(name)
  if (branch !== undefined) tree.named.set(earlier, branch)
}

/**
 * The operation that a request asks for; null: none that we know of. A name goes before a parameter: `/lead/merge/` is
 * no lead. HEAD is GET.
 * @param path as `readTarget` gives it, below `/api/v1`
 */
export function findOperation(method: string, path: string): Operation | null {
  let branch: Branch | null = tree
  for (const part of partsOf(path)) {
    branch = branch.named.get(part) ?? branch.any
    if (branch === null) return null
  }
  return branch.byMethod.get(method === 'HEAD' ? 'GET' : method) ?? null
}

function newBranch(): Branch {
  return { named: new Map(), any: null, byMethod: new Map() }
}

function below(branch: Branch, part: string): Branch {
  if (part.startsWith('{')) {
    branch.any ??= newBranch()
    return branch.any
  }
  const known = branch.named.get(part) ?? newBranch()
  branch.named.set(part, known)
  return known
}

/** Without the slashes at both ends. */
function partsOf(path: string): string[] {
  return path.slice(1, path.endsWith('/') ? -1 : undefined).split('/')
}
