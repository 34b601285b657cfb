import { z } from 'zod'
import { defineEndpoint } from '../endpoint.ts'
import * as m from '../members.ts'
import { sessionSchema } from '../session.ts'
import { byId } from './shapes.ts'

export const members = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/members',
    summary: 'The people of this workspace',
    access: 'member',
    audit: null,
    response: z.object({ items: z.array(m.memberSchema) }),
  }),
  update: defineEndpoint({
    method: 'PATCH',
    path: '/api/members/{id}',
    summary: "Change a member's role",
    access: 'admin',
    audit: { action: 'member.role', subject: 'params.id' },
    params: byId('user'),
    body: m.memberPatchSchema,
    response: m.memberSchema,
    errors: ['member_not_found', 'last_admin'],
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/api/members/{id}',
    summary: 'Remove a member: sessions and tokens end at once, what they own is handed over',
    access: 'admin',
    audit: { action: 'member.remove', subject: 'params.id' },
    params: byId('user'),
    query: m.memberRemoveQuerySchema,
    errors: ['member_not_found', 'last_admin', 'invalid_input'],
  }),
}

export const invitations = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/invitations',
    summary: 'Invitations that nobody has accepted yet',
    access: 'admin',
    audit: null,
    response: z.object({ items: z.array(m.invitationSchema) }),
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/api/invitations',
    summary: 'Invite somebody; the answer holds the link, once. An earlier link for the address ends',
    access: 'admin',
    audit: { action: 'invitation.create', subject: 'answer.invitation' },
    creates: 'always',
    body: m.invitationCreateSchema,
    response: z.object({ invitation: m.invitationSchema, link: z.string() }),
    errors: ['email_taken', 'share_full'],
  }),
  delete: defineEndpoint({
    method: 'DELETE',
    path: '/api/invitations/{id}',
    summary: 'Revoke an invitation',
    access: 'admin',
    audit: { action: 'invitation.delete', subject: 'params.id' },
    params: byId('invitation'),
    errors: ['invitation_not_found'],
  }),
  look: defineEndpoint({
    method: 'POST',
    path: '/api/invitations/look',
    summary: 'Whom an invitation is for',
    access: 'public',
    audit: null,
    body: m.invitationLookSchema,
    response: z.object({ email: z.string(), invitedBy: z.string() }),
    errors: ['invitation_invalid'],
  }),
  accept: defineEndpoint({
    method: 'POST',
    path: '/api/invitations/accept',
    summary: 'Become a member by an invitation, and sign in',
    access: 'public',
    audit: { action: 'member.join', subject: 'answer.user', actor: 'answer.user' },
    body: m.invitationAcceptSchema,
    response: sessionSchema,
    errors: ['invitation_invalid', 'email_taken', 'sign_in_failed'],
  }),
}
