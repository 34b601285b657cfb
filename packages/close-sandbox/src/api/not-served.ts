import { ApiError } from './errors.ts'
import type { Endpoints, Handler } from './request.ts'

/** What Close has and the sandbox has not: work that leaves Close, and answers whose form is not documented. */
const OPERATIONS: Readonly<Record<string, string>> = {
  '/api_key/': 'GET',
  '/blocked_phone_number/settings/': 'PUT',
  '/bulk_action/delete/': 'POST',
  '/bulk_action/edit/': 'POST',
  '/bulk_action/email/': 'POST',
  '/bulk_action/sequence_subscription/': 'POST',
  '/comment/': 'POST',
  '/comment/{id}/': 'PUT DELETE',
  '/email_template/{id}/render/': 'GET',
  '/enrich_field/': 'POST',
  '/export/lead/': 'POST',
  '/export/opportunity/': 'POST',
  '/files/upload/': 'POST',
  '/group/{group_id}/member/': 'POST',
  '/group/{group_id}/member/{user_id}/': 'DELETE',
  '/lead/{id}/files/': 'GET POST',
  '/membership/{id}/pinned_views/': 'GET PUT',
  '/phone_number/request/internal/': 'POST',
  '/phone_number/{id}/': 'PUT DELETE',
  '/playbook/{id}/archive/': 'POST',
  '/playbook/{id}/unarchive/': 'POST',
  '/report/activity/': 'POST',
  '/report/activity/metrics/': 'GET',
  '/report/custom/fields/': 'GET',
  '/report/custom/{org_id}/': 'GET',
  '/report/funnel/opportunity/stages/': 'POST',
  '/report/funnel/opportunity/totals/': 'POST',
  '/report/sent_emails/{org_id}/': 'GET',
  '/role/': 'POST',
  '/role/{id}/': 'PUT DELETE',
  '/scheduling_link/': 'POST',
  '/scheduling_link/integration/': 'POST',
  '/scheduling_link/integration/{source_id}/': 'DELETE',
  '/scheduling_link/{id}/': 'PUT DELETE',
  '/send_as/': 'POST DELETE',
  '/send_as/bulk/': 'POST',
  '/send_as/{id}/': 'DELETE',
  '/sequence/': 'POST',
  '/sequence/{id}/': 'PUT DELETE',
  '/sequence_subscription/': 'POST',
  '/sequence_subscription/{id}/': 'PUT DELETE',
  '/shared_scheduling_link/': 'POST',
  '/shared_scheduling_link/{id}/': 'PUT DELETE',
  '/shared_scheduling_link_association/': 'POST',
  '/shared_scheduling_link_association/unmap/': 'POST',
  '/unsubscribe/email/': 'POST',
  '/unsubscribe/email/{email_address}/': 'DELETE',
}

const refuse: Handler = ({ method, path }) => {
  throw notServed(`${method} ${path.replace(/^\/api\/v1/, '')}`)
}

/** Refuses, by 501, each operation that Close has and the sandbox has not. */
export const notServedEndpoints: Endpoints = Object.fromEntries(
  Object.entries(OPERATIONS).map(([path, methods]) => [
    path,
    Object.fromEntries(methods.split(' ').map((method) => [method, refuse])),
  ]),
)

/** 501: Close would do something that the sandbox does not do, so no answer of it would be right. */
export function notServed(what: string): ApiError {
  return new ApiError(501, { error: `The sandbox does not serve ${what}.`, code: 'sandbox_not_served' })
}
