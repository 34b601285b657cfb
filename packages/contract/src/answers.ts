import { z } from 'zod'
import type { Endpoint } from './endpoint.ts'
import { type ErrorCode, errorCodes } from './errors/catalogue.ts'

/** The statuses of an operation's successes, the usual one first. */
export function successStatuses({ creates, response }: Endpoint): readonly [number, ...number[]] {
  if (response instanceof z.ZodUndefined) return [204]
  return { always: [201] as const, sometimes: [201, 200] as const, never: [200] as const }[creates]
}

/** Every code that an operation may answer with, in the order of the catalogue. */
export function errorsOf(endpoint: Endpoint): ErrorCode[] {
  const { access, audit, errors, method, params, share } = endpoint
  const found = new Set<ErrorCode>([...anyRequest, ...errors])
  const add = (condition: boolean, ...codes: ErrorCode[]) => {
    if (condition) for (const code of codes) found.add(code)
  }
  add(method !== 'GET', ...anyChange)
  add(Object.keys(params instanceof z.ZodObject ? params.shape : {}).length > 0, 'not_found')
  add(access === 'admin', 'forbidden')
  add(audit !== null, 'audit_damaged')
  add(share !== null, 'share_exceeded')
  if (typeof access === 'object') add(true, 'forbidden', `${access.resource}_not_found`)
  return errorCodes.filter((code) => found.has(code))
}

const anyRequest: readonly ErrorCode[] = [
  'invalid_input',
  'malformed_request',
  'request_timeout',
  'expectation_failed',
  'headers_too_large',
  'too_many_requests',
  // A public endpoint has it too: a token that is sent has to be valid.
  'not_signed_in',
  'internal',
  'secret_unreadable',
  'shutting_down',
  'storage_unavailable',
]
const anyChange: readonly ErrorCode[] = [
  'malformed_json',
  'body_too_large',
  'unsupported_media_type',
  'csrf_refused',
  'other_address',
  'conflict',
]
