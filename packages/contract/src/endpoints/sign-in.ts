import { z } from 'zod'
import { defineEndpoint } from '../endpoint.ts'
import { sessionSchema, userSchema } from '../session.ts'
import * as s from '../sign-in.ts'
import { byId } from './shapes.ts'

export const address = {
  get: defineEndpoint({
    method: 'GET',
    path: '/api/address',
    summary: 'The address under which people reach this server',
    access: 'public',
    audit: null,
    response: s.addressSchema,
  }),
}

/** A member manages their own sign-in. */
export const profile = {
  rename: defineEndpoint({
    method: 'PATCH',
    path: '/api/profile',
    summary: 'Change your name',
    access: 'member',
    audit: { action: 'member.rename', subject: 'answer' },
    body: s.memberRenameSchema,
    response: userSchema,
  }),
  password: defineEndpoint({
    method: 'PUT',
    path: '/api/profile/password',
    summary: 'Change your password. All your other browsers and terminals are signed out',
    access: 'member',
    audit: { action: 'member.password', subject: 'none' },
    body: s.passwordChangeSchema,
    errors: ['password_wrong', 'proof_needed', 'too_many_requests'],
  }),
}

export const signIns = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/sign-ins',
    summary: 'The browsers and terminals where you are signed in',
    access: 'member',
    audit: null,
    response: z.object({ items: z.array(s.signedInPlaceSchema) }),
  }),
  end: defineEndpoint({
    method: 'DELETE',
    path: '/api/sign-ins/{id}',
    summary: 'Sign one of your browsers or terminals out',
    access: 'member',
    audit: { action: 'sign_in.end', subject: 'params.id' },
    params: z.object({ id: s.signedInPlaceSchema.shape.id }),
    errors: ['sign_in_not_found'],
  }),
  endOthers: defineEndpoint({
    method: 'DELETE',
    path: '/api/sign-ins',
    summary: 'Sign all your browsers and terminals out but the one that asks',
    access: 'member',
    audit: { action: 'sign_in.end_others', subject: 'none' },
    response: z.object({ ended: z.number().int() }),
  }),
}

export const passkeys = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/passkeys',
    summary: 'Your passkeys',
    access: 'member',
    audit: null,
    response: z.object({ items: z.array(s.passkeySchema) }),
  }),
  begin: defineEndpoint({
    method: 'POST',
    path: '/api/passkeys/begin',
    summary: 'Begin to add a passkey; in the browser only',
    access: 'member',
    audit: { action: 'passkey.begin', subject: 'none' },
    body: s.passkeyBeginSchema,
    response: s.passkeyCreationSchema,
    errors: ['forbidden', 'password_wrong', 'proof_needed', 'passkey_limit', 'too_many_requests'],
  }),
  add: defineEndpoint({
    method: 'POST',
    path: '/api/passkeys',
    summary: 'Add the passkey that the browser made',
    access: 'member',
    audit: { action: 'passkey.add', subject: 'answer' },
    creates: 'always',
    body: s.passkeyAddSchema,
    response: s.passkeySchema,
    errors: ['forbidden', 'passkey_refused', 'passkey_taken', 'too_many_requests'],
  }),
  rename: defineEndpoint({
    method: 'PATCH',
    path: '/api/passkeys/{id}',
    summary: 'Change the name of a passkey',
    access: 'member',
    audit: { action: 'passkey.rename', subject: 'params.id' },
    params: byId('passkey'),
    body: s.memberRenameSchema,
    response: s.passkeySchema,
    errors: ['passkey_not_found'],
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/api/passkeys/{id}',
    summary: 'Remove a passkey',
    access: 'member',
    audit: { action: 'passkey.remove', subject: 'params.id' },
    params: byId('passkey'),
    errors: ['passkey_not_found'],
  }),
}

/** Signing in with a passkey. */
export const passkeySignIn = {
  begin: defineEndpoint({
    method: 'POST',
    path: '/api/session/passkey/begin',
    summary: 'Begin to sign in with a passkey',
    access: 'public',
    audit: null,
    response: s.passkeyRequestSchema,
    errors: ['too_many_requests'],
  }),
  finish: defineEndpoint({
    method: 'POST',
    path: '/api/session/passkey',
    summary: 'Sign in with a passkey',
    access: 'public',
    audit: { action: 'session.sign_in', subject: 'none', actor: 'answer.user' },
    body: s.passkeySignInSchema,
    response: sessionSchema,
    errors: ['passkey_refused', 'sign_in_failed'],
  }),
}

export const passwordResets = {
  create: defineEndpoint({
    method: 'POST',
    path: '/api/members/{id}/password-reset',
    summary:
      'Make a link by which a member chooses a new password; the answer holds it, once. An earlier link of theirs ends',
    access: 'admin',
    audit: { action: 'member.reset_link', subject: 'params.id' },
    creates: 'always',
    params: byId('user'),
    response: s.resetLinkSchema,
    errors: ['member_not_found'],
  }),
  look: defineEndpoint({
    method: 'POST',
    path: '/api/password-resets/look',
    summary: 'Whose password a link resets',
    access: 'public',
    audit: null,
    body: s.resetTokenSchema,
    response: s.resetLookSchema,
    errors: ['reset_link_invalid', 'too_many_requests'],
  }),
  accept: defineEndpoint({
    method: 'POST',
    path: '/api/password-resets/accept',
    summary: 'Choose a new password by a link, and sign in. All browsers and terminals are signed out',
    access: 'public',
    audit: { action: 'session.reset_password', subject: 'none', actor: 'answer.user' },
    body: s.passwordResetSchema,
    response: sessionSchema,
    errors: ['reset_link_invalid', 'sign_in_failed'],
  }),
}
