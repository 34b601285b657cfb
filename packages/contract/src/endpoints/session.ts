import { z } from 'zod'
import { defineEndpoint } from '../endpoint.ts'
import * as s from '../session.ts'
import { byId } from './shapes.ts'

export const session = {
  get: defineEndpoint({
    method: 'GET',
    path: '/api/session',
    summary: 'Who is signed in',
    access: 'public',
    audit: null,
    response: s.sessionSchema,
  }),
  signIn: defineEndpoint({
    method: 'POST',
    path: '/api/session',
    summary: 'Sign in',
    access: 'public',
    audit: { action: 'session.sign_in', subject: 'none', actor: 'answer.user' },
    body: s.signInSchema,
    response: s.sessionSchema,
    errors: ['sign_in_failed', 'too_many_requests'],
  }),
  signOut: defineEndpoint({
    method: 'DELETE',
    path: '/api/session',
    summary: 'Sign out',
    access: 'member',
    audit: { action: 'session.sign_out', subject: 'none' },
  }),
  setup: defineEndpoint({
    method: 'POST',
    path: '/api/setup',
    summary: 'Make the administrator, by the link printed at first start',
    access: 'public',
    audit: { action: 'session.setup', subject: 'none', actor: 'answer.user' },
    body: s.setupSchema,
    response: s.sessionSchema,
    errors: ['setup_done', 'setup_link_invalid', 'sign_in_failed', 'email_taken'],
  }),
}

export const tokens = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/tokens',
    summary: 'Your API tokens',
    access: 'member',
    audit: null,
    response: z.object({ items: z.array(s.tokenSchema) }),
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/api/tokens',
    summary: 'Make an API token; the answer holds it, once. One made by a token ends with it at the latest',
    access: 'member',
    audit: { action: 'token.create', subject: 'answer.token' },
    creates: 'always',
    body: s.tokenCreateSchema,
    response: z.object({ token: s.tokenSchema, secret: z.string() }),
    errors: ['share_full'],
  }),
  delete: defineEndpoint({
    method: 'DELETE',
    path: '/api/tokens/{id}',
    summary: 'Revoke an API token',
    access: 'member',
    audit: { action: 'token.delete', subject: 'params.id' },
    params: byId('token'),
    errors: ['token_not_found'],
  }),
}

export const settings = {
  get: defineEndpoint({
    method: 'GET',
    path: '/api/settings',
    summary: 'Settings that matter to whoever uses the page',
    access: 'member',
    audit: null,
    response: s.settingsSchema,
  }),
}
