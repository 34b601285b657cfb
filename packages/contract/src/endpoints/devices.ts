import * as d from '../device.ts'
import { defineEndpoint } from '../endpoint.ts'

/**
 * Signing in a program on a machine without a browser of ours: it asks for codes and polls, the person confirms on a page.
 * @see RFC 8628
 */
export const devices = {
  begin: defineEndpoint({
    method: 'POST',
    path: '/api/devices',
    summary: 'Ask for a code by which a person signs this program in',
    access: 'public',
    audit: null,
    body: d.deviceBeginSchema,
    response: d.deviceCodesSchema,
    errors: ['too_many_requests'],
  }),
  poll: defineEndpoint({
    method: 'POST',
    path: '/api/devices/token',
    summary: 'Fetch the API token once the person has confirmed',
    access: 'public',
    audit: null,
    body: d.devicePollSchema,
    response: d.deviceGrantSchema,
    errors: ['authorization_pending', 'slow_down', 'access_denied', 'expired_token', 'too_many_requests'],
  }),
  lookUp: defineEndpoint({
    method: 'POST',
    path: '/api/devices/look-up',
    summary: 'Which program shows this code',
    access: 'member',
    audit: null,
    body: d.deviceLookUpSchema,
    response: d.deviceRequestSchema,
    errors: ['device_not_found', 'too_many_requests'],
  }),
  decide: defineEndpoint({
    method: 'POST',
    path: '/api/devices/decide',
    summary: 'Sign the program that shows this code in as yourself, or refuse it; in the browser only',
    access: 'member',
    audit: { action: 'device.decide', subject: 'none' },
    body: d.deviceDecisionSchema,
    errors: ['device_not_found', 'forbidden', 'share_full'],
  }),
}
