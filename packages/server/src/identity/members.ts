import {
  type Invitation,
  invalidField,
  LatchworkError,
  type Member,
  type MemberPatch,
  newId,
  type User,
} from '@latchwork/contract'
import { hashToken, newRandomToken } from '@latchwork/vault'
import type { FastifyReply } from 'fastify'
import { toTime } from '../database/columns.ts'
import { refuseStale } from '../database/stale.ts'
import type { Authentication } from './authentication.ts'
import type { InvitationRow, InvitationStore } from './store/invitations.ts'
import type { MemberRow, MemberStore } from './store/members.ts'

const invitationTtlMs = 7 * 24 * 3_600_000

/** The members of the workspace: invites them by a link, sets their roles, removes them. */
export class Members {
  readonly #members: MemberStore
  readonly #invitations: InvitationStore
  readonly #authentication: Authentication
  readonly #publicUrl: string

  constructor(
    stores: { readonly members: MemberStore; readonly invitations: InvitationStore },
    authentication: Authentication,
    publicUrl: string,
  ) {
    this.#members = stores.members
    this.#invitations = stores.invitations
    this.#authentication = authentication
    this.#publicUrl = publicUrl
  }

  async list(): Promise<{ items: Member[] }> {
    return { items: (await this.#members.list()).map(memberView) }
  }

  /** @throws {LatchworkError} `member_not_found`, `last_admin`, `conflict` */
  async setRole(id: string, { role, was }: MemberPatch): Promise<Member> {
    const before = await this.#members.find(id)
    if (before === null) throw new LatchworkError('member_not_found')
    refuseStale({ role: before.role }, was)
    const changed = await this.#members.setRole(id, role)
    if (changed === null) throw new LatchworkError('member_not_found')
    return memberView(changed)
  }

  /**
   * Ends the member's sessions and tokens at once.
   * @throws {LatchworkError} `member_not_found`, `last_admin`, `invalid_input`
   */
  async remove(id: string, handTo: string | undefined, by: User): Promise<void> {
    const heirId = handTo ?? by.id
    if (heirId === id) {
      throw invalidField('handTo', 'other', 'Choose another member to get what this one owns.')
    }
    if ((await this.#members.find(id)) === null) throw new LatchworkError('member_not_found')
    if ((await this.#members.find(heirId)) === null) {
      throw invalidField('handTo', 'unknown', 'There is no such member to hand things to.')
    }
    if (!(await this.#members.remove(id, heirId))) throw new LatchworkError('member_not_found')
    await this.#authentication.endSessions(id)
  }

  async invitations(): Promise<{ items: Invitation[] }> {
    return { items: (await this.#invitations.list()).map(invitationView) }
  }

  /** The link's token is stored as a hash and returned only here. @throws {LatchworkError} `email_taken`, `conflict` */
  async invite(
    { email, role }: { readonly email: string; readonly role: Member['role'] },
    by: User,
  ): Promise<{ invitation: Invitation; link: string }> {
    await this.#refuseTaken(email)
    const token = newRandomToken()
    const row = { id: newId('invitation'), email: email.toLowerCase(), role, invitedBy: by.id }
    const replaced = await this.#invitations.idFor(row.email)
    const made = { ...row, tokenHash: hashToken(token) }
    const invitation = await this.#invitations.insert(made, invitationTtlMs, replaced)
    return { invitation: invitationView(invitation), link: `${this.#publicUrl}/join?token=${token}` }
  }

  /** @throws {LatchworkError} `invitation_invalid` */
  async look(token: string): Promise<{ email: string; invitedBy: string }> {
    const row = await this.#invitations.look(hashToken(token))
    if (row === null) throw new LatchworkError('invitation_invalid')
    return { email: row.email, invitedBy: row.inviterName }
  }

  /**
   * Of several with the same link one becomes a member.
   * @throws {LatchworkError} `invitation_invalid`, `email_taken`
   */
  async accept(
    { token, name, password }: { readonly token: string; readonly name: string; readonly password: string },
    reply: FastifyReply,
  ): Promise<User> {
    const row = await this.#invitations.take(hashToken(token))
    if (row === null) throw new LatchworkError('invitation_invalid')
    await this.#refuseTaken(row.email)
    await this.#authentication.addMember({ name, email: row.email, role: row.role, password })
    return this.#authentication.signIn(row.email, password, reply)
  }

  /** @throws {LatchworkError} `invitation_not_found` */
  async withdraw(id: string): Promise<void> {
    if (!(await this.#invitations.erase(id))) throw new LatchworkError('invitation_not_found')
  }

  async #refuseTaken(email: string): Promise<void> {
    if ((await this.#members.findByEmail(email)) !== null) throw new LatchworkError('email_taken')
  }
}

function memberView(row: MemberRow): Member {
  return { ...row, createdAt: toTime(row.createdAt) }
}

function invitationView({ id, email, role, invitedBy, inviterName, ...times }: InvitationRow): Invitation {
  const by = { id: invitedBy, name: inviterName }
  const { createdAt, expiresAt } = times
  return { id, email, role, invitedBy: by, createdAt: toTime(createdAt), expiresAt: toTime(expiresAt) }
}
