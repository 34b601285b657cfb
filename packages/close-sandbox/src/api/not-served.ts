import { ApiError } from './errors.ts'

/** Parts of Close that the sandbox does not serve, by the first part of their path. */
const PARTS: ReadonlySet<string> = new Set([
  'api_key',
  'blocked_phone_number',
  'bulk_action',
  'comment',
  'comment_thread',
  'connected_account',
  'dialer',
  'email_template',
  'enrich_field',
  'export',
  'files',
  'form',
  'group',
  'integration_link',
  'outcome',
  'phone_number',
  'playbook',
  'report',
  'scheduling_link',
  'send_as',
  'sequence',
  'sequence_subscription',
  'shared_scheduling_link',
  'shared_scheduling_link_association',
  'sms_template',
  'unsubscribe',
])

/** And single paths of parts that it serves otherwise. */
const PATHS: readonly RegExp[] = [
  /^\/lead\/[^/]+\/files\/$/,
  /^\/membership\/[^/]+\/pinned_views\/$/,
  /^\/role\//,
]

/** Whether Close has this, and the sandbox has not. */
export function isNotServed(path: string): boolean {
  return PARTS.has(path.split('/')[1] ?? '') || PATHS.some((pattern) => pattern.test(path))
}

/** 501: Close would do something that the sandbox does not do, so no answer of it would be right. */
export function notServed(what: string): ApiError {
  return new ApiError(501, { error: `The sandbox does not serve ${what}.`, code: 'sandbox_not_served' })
}
