import { LatchworkError, type User } from '@latchwork/contract'
import { hashToken, newRandomToken } from '@latchwork/vault'
import type { FastifyReply } from 'fastify'
import { toTime } from '../database/columns.ts'
import type { Authentication } from './authentication.ts'
import type { OwnSignIn } from './own-sign-in.ts'
import type { MemberStore } from './store/members.ts'
import type { PasskeyStore } from './store/passkeys.ts'
import type { PasswordResetStore } from './store/password-resets.ts'

const linkTtlMs = 24 * 3_600_000

/** Makes a link for a new password: works once, for a day, and ends the link before. Its token is stored as a hash. */
export async function makeResetLink(
  resets: Pick<PasswordResetStore, 'make'>,
  { userId, madeBy, publicUrl }: { userId: string; madeBy: string | null; publicUrl: string },
): Promise<{ link: string; expiresAt: string }> {
  const token = newRandomToken()
  const expiresAt = await resets.make({ userId, madeBy, tokenHash: hashToken(token) }, linkTtlMs)
  return { link: `${publicUrl}/reset?token=${token}`, expiresAt: toTime(expiresAt) }
}

interface Parts {
  readonly stores: {
    readonly members: MemberStore
    readonly passwordResets: PasswordResetStore
    readonly passkeys: PasskeyStore
  }
  readonly authentication: Authentication
  readonly own: OwnSignIn
  readonly publicUrl: string
}

/**
 * New passwords for members who have lost theirs, by a link that an administrator makes. The member notices it: their
 * old password stops working, and an alert says who made the link.
 */
export class PasswordResets {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @throws {LatchworkError} `member_not_found` */
  async create(memberId: string, by: User): Promise<{ link: string; expiresAt: string }> {
    const { stores, own, publicUrl } = this.#parts
    const member = await stores.members.find(memberId)
    if (member === null) throw new LatchworkError('member_not_found')
    const made = await makeResetLink(stores.passwordResets, { userId: memberId, madeBy: by.id, publicUrl })
    await own.tell(member, 'can be reset', `${by.name} (${by.email}) made a link for it.`)
    return made
  }

  /** @throws {LatchworkError} `reset_link_invalid` */
  async look(token: string) {
    const { stores } = this.#parts
    const row = await stores.passwordResets.look(hashToken(token))
    const member = row === null ? null : await stores.members.find(row.userId)
    if (row === null || member === null) throw new LatchworkError('reset_link_invalid')
    const [madeBy, passkeys] = await Promise.all([
      row.madeBy === null ? null : stores.members.find(row.madeBy),
      stores.passkeys.ofUser(member.id),
    ])
    return { email: member.email, madeBy: madeBy?.name ?? null, passkeys: passkeys.length }
  }

  /** Signs the member out everywhere, and in here. Passkeys stay. @throws {LatchworkError} `reset_link_invalid` */
  async accept(token: string, password: string, reply: FastifyReply): Promise<User> {
    const { stores, authentication, own } = this.#parts
    const tokenHash = hashToken(token)
    if ((await stores.passwordResets.look(tokenHash)) === null) throw new LatchworkError('reset_link_invalid')
    const passwordHash = await authentication.hashPassword(password)
    // Of several at once only one takes the link.
    const row = await stores.passwordResets.take(tokenHash)
    const member = row === null ? null : await stores.members.find(row.userId)
    if (row === null || member === null) throw new LatchworkError('reset_link_invalid')
    await authentication.setPassword(member.id, passwordHash)
    await own.endAll(member.id, null)
    const by = row.madeBy === null ? null : await stores.members.find(row.madeBy)
    const maker = by === null ? "somebody on the server's machine" : `${by.name} (${by.email})`
    await own.tell(member, 'was reset', `The link was made by ${maker}.`)
    return authentication.signInAs(member.id, 'password', reply)
  }
}
