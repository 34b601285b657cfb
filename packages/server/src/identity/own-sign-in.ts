import {
  freshSignInMs,
  LatchworkError,
  newId,
  type Rename,
  type SignedInPlace,
  type User,
} from '@latchwork/contract'
import type { AlertStore } from '../alerts/store.ts'
import { toTime, toTimeOrNull } from '../database/columns.ts'
import { refuseStale } from '../database/stale.ts'
import type { Caller } from '../http/caller.ts'
import type { Authentication } from './authentication.ts'
import type { DeviceStore } from './store/devices.ts'
import type { MemberStore } from './store/members.ts'
import type { PasswordResetStore } from './store/password-resets.ts'
import type { SessionStore } from './store/sessions.ts'
import type { TokenRow, TokenStore } from './store/tokens.ts'

type OwnStores = {
  readonly members: MemberStore
  readonly devices: Pick<DeviceStore, 'eraseAllowed'>
  readonly passwordResets: Pick<PasswordResetStore, 'eraseOf'>
  readonly sessions: SessionStore
  readonly tokens: TokenStore
  now(): Promise<Date>
} & {
  readonly alerts: Pick<AlertStore, 'insert'>
}

/** Lets people change their own name and password, and see where they are signed in. */
export class OwnSignIn {
  readonly #stores: OwnStores
  readonly #authentication: Authentication

  constructor(stores: OwnStores, authentication: Authentication) {
    this.#stores = stores
    this.#authentication = authentication
  }

  /** @throws {LatchworkError} `conflict` */
  async rename(user: User, { name, was }: Rename): Promise<User> {
    refuseStale(user, was)
    const member = await this.#stores.members.rename(user.id, name)
    if (member === null) throw new LatchworkError('not_signed_in')
    const { id, email, role } = member
    return { id, name: member.name, email, role }
  }

  /**
   * Signs out everything but the caller, and voids a link for a new password. API tokens of programs stay.
   * @throws {LatchworkError} `password_wrong`, `proof_needed`
   */
  async changePassword(
    caller: Caller,
    { currentPassword, newPassword }: { currentPassword: string | null; newPassword: string },
  ): Promise<number> {
    await this.prove(caller, currentPassword)
    const passwordHash = await this.#authentication.hashPassword(newPassword)
    await this.#authentication.setPassword(caller.user.id, passwordHash)
    await this.#stores.passwordResets.eraseOf(caller.user.id)
    const ended = await this.endOthers(caller)
    await this.tell(
      caller.user,
      'was changed',
      `${caller.user.name} changed it${ended === 0 ? '' : ', and was signed out everywhere else'}.`,
    )
    return ended
  }

  /**
   * Requires proof that the caller is the person: the current password, or a recent sign-in with a passkey.
   * @throws {LatchworkError} `password_wrong`, `proof_needed`
   */
  async prove(caller: Caller, currentPassword: string | null): Promise<void> {
    if (currentPassword !== null) {
      if (await this.#authentication.passwordMatches(caller.user.id, currentPassword)) return
      throw new LatchworkError('password_wrong')
    }
    if (caller.via === 'session' && caller.session.method === 'passkey') {
      const ageMs = (await this.#stores.now()).getTime() - caller.session.createdAt
      if (ageMs <= freshSignInMs) return
    }
    throw new LatchworkError('proof_needed')
  }

  /** The caller's own place first, then by last use. */
  async places(caller: Caller): Promise<SignedInPlace[]> {
    const [sessions, tokens] = await Promise.all([
      this.#stores.sessions.ofUser(caller.user.id),
      this.#stores.tokens.list(caller.user.id),
    ])
    const now = (await this.#stores.now()).getTime()
    const current = currentId(caller)
    const browsers = sessions.map(({ userId: _, client, ...session }) => ({
      ...session,
      kind: 'browser' as const,
      client: client ?? 'A browser',
      current: session.id === current,
    }))
    const terminals = tokens.flatMap(({ id, terminal, address, createdAt, lastUsedAt, expiresAt }) =>
      terminal === null || (expiresAt !== null && expiresAt <= now)
        ? []
        : [
            {
              ...{ id, address, createdAt, lastUsedAt, expiresAt },
              kind: 'terminal' as const,
              client: terminal,
              method: null,
              current: id === current,
            },
          ],
    )
    return [...browsers, ...terminals]
      .sort((one, other) => Number(other.current) - Number(one.current) || lastUse(other) - lastUse(one))
      .map(({ createdAt, lastUsedAt, expiresAt, ...place }) => ({
        ...place,
        createdAt: toTime(createdAt),
        lastUsedAt: toTimeOrNull(lastUsedAt),
        expiresAt: toTimeOrNull(expiresAt),
      }))
  }

  /**
   * Also ends what that place has allowed and no terminal has fetched yet.
   * @throws {LatchworkError} `sign_in_not_found`
   */
  async end(user: User, id: string): Promise<void> {
    await this.#stores.devices.eraseAllowed(user.id)
    if (await this.#stores.sessions.end(user.id, id)) return
    const isTerminal = (await this.#stores.tokens.list(user.id)).some(
      (token) => token.id === id && token.terminal !== null,
    )
    if (isTerminal && (await this.#stores.tokens.erase(id, user.id))) return
    throw new LatchworkError('sign_in_not_found')
  }

  /** Ends all browsers and terminals of the caller except the one in use. Returns how many. */
  endOthers(caller: Caller): Promise<number> {
    return this.endAll(caller.user.id, currentId(caller))
  }

  /** Ends all browsers and terminals of a user, except one, and terminals that were allowed only. Returns how many. */
  async endAll(userId: string, exceptId: string | null): Promise<number> {
    await this.#stores.devices.eraseAllowed(userId)
    const browsers = await this.#authentication.endSessions(userId, exceptId)
    return browsers + (await this.#stores.tokens.eraseTerminals(userId, exceptId))
  }

  /** Alerts a person about their password. */
  async tell({ id, name }: Pick<User, 'id' | 'name'>, what: string, message: string): Promise<void> {
    await this.alert(
      id,
      `The password of ${name} ${what}`,
      `${message} If you did not expect this, tell an administrator.`,
    )
  }

  async alert(ownerId: string, title: string, message: string): Promise<void> {
    await this.#stores.alerts.insert({
      id: newId('alert'),
      kind: 'sign_in',
      credentialId: null,
      ownerId,
      code: null,
      title,
      message,
    })
  }
}

/** The id of the caller's place. A program's token is not a terminal's, so no place has its id. */
function currentId(caller: Caller): string {
  return caller.via === 'session' ? caller.session.id : caller.tokenId
}

function lastUse({ lastUsedAt, createdAt }: Pick<TokenRow, 'lastUsedAt' | 'createdAt'>): number {
  return lastUsedAt ?? createdAt
}
