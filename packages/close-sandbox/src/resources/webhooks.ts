import { createHash } from 'node:crypto'
import { isObject, type Json, type JsonObject, textOf } from '../json.ts'
import { fixedId, NEWER_LENGTH } from '../record-ids.ts'
import { classic, classicWrites } from './collection-bases.ts'
import type { SampledResource } from './collection-samples.ts'
import { FieldProblem, flag, oneOf, type Rule } from './validate.ts'

/** A subscription that works. */
const UNTROUBLED: JsonObject = {
  counters: {},
  health_status: 'healthy',
  latest_error: null,
  pause_reason: null,
  recent_consecutive_fail_buckets_cnt: 0,
  status: 'active',
  verify_ssl: true,
}

function signatureKey(organizationId: string, name: string): string {
  return createHash('sha256')
    .update(fixedId('key', organizationId, name))
    .digest('hex')
}

const webAddress: Rule = (value) => {
  if (typeof value !== 'string' || !/^https?:\/\//.test(value) || !URL.canParse(value))
    throw new FieldProblem('Input should be a valid URL')
  return value
}

const subscribed: Rule = (value) => {
  const isEvent = (each: Json) =>
    isObject(each) && textOf(each, 'object_type') !== null && textOf(each, 'action') !== null
  if (!Array.isArray(value) || value.length === 0 || !value.every(isEvent))
    throw new FieldProblem('Input should be a list of events, each with an object_type and an action')
  return value
}

/** Subscriptions are kept, and nothing is delivered. */
export const WEBHOOKS: SampledResource = {
  ...classic,
  path: '/webhook/',
  collection: 'webhook',
  idPrefix: 'whsub',
  idLength: NEWER_LENGTH,
  eventType: null,
  audit: 'classic_naive',
  seeded: 1,
  sample: ({ organization, number }) => ({
    ...UNTROUBLED,
    url: `https://hooks.example/close/${number + 1}`,
    events: [{ object_type: 'lead', action: 'created', extra_filter: null }],
    signature_key: signatureKey(organization.id, String(number)),
  }),
  writes: {
    ...classicWrites,
    createStatus: 201,
    permission: null,
    rules: {
      url: webAddress,
      events: subscribed,
      status: oneOf(['active', 'paused']),
      verify_ssl: flag,
    },
    required: ['url', 'events'],
    defaults: ({ requestId, caller }) => ({
      ...UNTROUBLED,
      signature_key: signatureKey(caller.organization.id, requestId),
    }),
    derive: (_request, fields) => {
      if (fields['status'] === 'paused') return { pause_reason: 'api' }
      return fields['status'] === 'active' ? { pause_reason: null } : {}
    },
  },
}
