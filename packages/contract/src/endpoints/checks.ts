import { z } from 'zod'
import * as h from '../checks.ts'
import { credentialStatusSchema } from '../credential.ts'
import { defineEndpoint } from '../endpoint.ts'
import { listQuery, pageOf } from './shapes.ts'

export const health = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/health',
    summary: 'How your credentials stood on each of the last 30 days',
    access: 'member',
    audit: null,
    query: listQuery.extend({ status: credentialStatusSchema.optional() }),
    response: pageOf(h.credentialChecksSchema),
  }),
}

export const alerts = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/alerts',
    summary: 'The newest alerts about your credentials and flows',
    access: 'member',
    audit: null,
    query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
    response: h.alertListSchema,
  }),
  read: defineEndpoint({
    method: 'POST',
    path: '/api/alerts/read',
    summary: 'Mark your alerts as read',
    access: 'member',
    audit: { action: 'alert.read', subject: 'none' },
  }),
  preferences: defineEndpoint({
    method: 'GET',
    path: '/api/alerts/preferences',
    summary: 'What you do not want to be told',
    access: 'member',
    audit: null,
    response: h.alertPreferencesSchema,
  }),
  setPreferences: defineEndpoint({
    method: 'PUT',
    path: '/api/alerts/preferences',
    summary: 'Choose what you do not want to be told',
    access: 'member',
    audit: { action: 'alert.preferences', subject: 'none' },
    body: h.alertPreferencesPutSchema,
    response: h.alertPreferencesSchema,
  }),
  test: defineEndpoint({
    method: 'POST',
    path: '/api/alerts/test',
    summary: 'Send a test alert to the page, by email or to the webhook',
    access: 'admin',
    audit: { action: 'alert.test', subject: 'none' },
    share: 'checks',
    body: z.strictObject({ channel: z.enum(h.alertChannels) }),
    errors: ['alert_channel_unset', 'alert_undelivered'],
  }),
}
