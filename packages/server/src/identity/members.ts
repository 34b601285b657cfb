import {
  type Invitation,
  invalidField,
  LatchworkError,
  type Member,
  newId,
  type User,
} from '@latchwork/contract'
import { hashToken, newRandomToken } from '@latchwork/vault'
import type { FastifyReply } from 'fastify'
import type { Authentication } from './authentication.ts'
import type { MemberStore } from './store/members.ts'

const invitationTtlMs = 7 * 24 * 3_600_000

/** The people of the workspace: invited by a link, given a role, removed. */
export class Members {
  readonly #store: MemberStore
  readonly #authentication: Authentication
  readonly #publicUrl: string

  constructor(store: MemberStore, authentication: Authentication, publicUrl: string) {
    this.#store = store
    this.#authentication = authentication
    this.#publicUrl = publicUrl
  }

  async list(): Promise<{ items: Member[] }> {
    return { items: await this.#store.list() }
  }

  /** @throws {LatchworkError} `member_not_found`, `last_admin` */
  async setRole(id: string, role: Member['role']): Promise<Member> {
    if ((await this.#store.find(id)) === null) throw new LatchworkError('member_not_found')
    const changed = await this.#store.setRole(id, role)
    if (changed === null) throw new LatchworkError('member_not_found')
    return changed
  }

  /** Sessions and tokens end at once. @throws {LatchworkError} `member_not_found`, `last_admin`, `invalid_input` */
  async remove(id: string, handTo: string | undefined, by: User): Promise<void> {
    const heirId = handTo ?? by.id
    if (heirId === id) {
      throw invalidField('handTo', 'other', 'Choose another member, who gets what this one owns.')
    }
    if ((await this.#store.find(id)) === null) throw new LatchworkError('member_not_found')
    if ((await this.#store.find(heirId)) === null) {
      throw invalidField('handTo', 'unknown', 'There is no such member to hand things to.')
    }
    if (!(await this.#store.remove(id, heirId))) throw new LatchworkError('member_not_found')
    await this.#authentication.endSessions(id)
  }

  async invitations(): Promise<{ items: Invitation[] }> {
    return { items: await this.#store.invitations() }
  }

  /** The link's token is kept as a hash and answered here only. @throws {LatchworkError} `email_taken`, `conflict` */
  async invite(
    { email, role }: { readonly email: string; readonly role: Member['role'] },
    by: User,
  ): Promise<{ invitation: Invitation; link: string }> {
    await this.#refuseTaken(email)
    const token = newRandomToken()
    const row = { id: newId('invitation'), email: email.toLowerCase(), role, invitedBy: by.id }
    const replaced = await this.#store.invitationOf(row.email)
    const made = { ...row, tokenHash: hashToken(token) }
    const invitation = await this.#store.invite(made, invitationTtlMs, replaced)
    return { invitation, link: `${this.#publicUrl}/join?token=${token}` }
  }

  /** @throws {LatchworkError} `invitation_invalid` */
  async look(token: string): Promise<{ email: string; invitedBy: string }> {
    const row = await this.#store.lookInvitation(hashToken(token))
    if (row === null) throw new LatchworkError('invitation_invalid')
    return { email: row.email, invitedBy: (await this.#store.find(row.invitedBy))?.name ?? '' }
  }

  /** Of several with the same link one becomes a member. @throws {LatchworkError} `invitation_invalid`, `email_taken` */
  async accept(
    { token, name, password }: { readonly token: string; readonly name: string; readonly password: string },
    reply: FastifyReply,
  ): Promise<User> {
    const row = await this.#store.takeInvitation(hashToken(token))
    if (row === null) throw new LatchworkError('invitation_invalid')
    await this.#refuseTaken(row.email)
    await this.#authentication.addMember({ name, email: row.email, role: row.role, password })
    return this.#authentication.signIn(row.email, password, reply)
  }

  /** @throws {LatchworkError} `invitation_not_found` */
  async takeBack(id: string): Promise<void> {
    if (!(await this.#store.eraseInvitation(id))) throw new LatchworkError('invitation_not_found')
  }

  async #refuseTaken(email: string): Promise<void> {
    if ((await this.#store.findByEmail(email)) !== null) throw new LatchworkError('email_taken')
  }
}
