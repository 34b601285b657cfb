import { Random } from '../random.ts'
import { fixedId, NEWER_LENGTH } from '../record-ids.ts'
import { type Permission, permissionsOf } from './roles.ts'

/** A person. One person can belong to several organizations. */
export interface User {
  readonly id: string
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly timezone: string
  readonly createdMs: number
  active: boolean
}

/** A person's place in an organization. */
export interface Membership {
  readonly id: string
  readonly userId: string
  organizationId: string
  roleId: string
  autoRecordCalls: 'unset' | 'enabled' | 'disabled'
  trackEmailOpens: boolean
}

/** An API key: one user in one organization. */
export interface ApiKey {
  /** `api_` and 22 characters: the first half of the key, which is not secret. */
  readonly id: string
  readonly key: string
  /** What its user calls it. */
  readonly name: string
  readonly userId: string
  organizationId: string
  enabled: boolean
}

/** Everybody who can authenticate. */
export class Accounts {
  readonly users: Map<string, User> = new Map()
  readonly memberships: Map<string, Membership> = new Map()
  readonly #keys = new Map<string, ApiKey>()
  readonly #seed: string
  #issuedKeys = 0

  constructor(seed: string) {
    this.#seed = seed
  }

  addUser(user: Omit<User, 'id' | 'active'>): User {
    const added: User = { ...user, id: fixedId('user', this.#seed, user.email), active: true }
    this.users.set(added.id, added)
    return added
  }

  addMembership(userId: string, organizationId: string, roleId: string): Membership {
    const membership: Membership = {
      id: fixedId('memb', this.#seed, `${userId} ${organizationId}`),
      userId,
      organizationId,
      roleId,
      autoRecordCalls: 'unset',
      trackEmailOpens: true,
    }
    this.memberships.set(membership.id, membership)
    return membership
  }

  /** Makes a key: `api_`, 22 base62 characters, a full stop, 22 more. */
  addKey(userId: string, organizationId: string, name = `Key ${this.#issuedKeys + 1}`): ApiKey {
    this.#issuedKeys += 1
    const random = new Random(this.#seed, 'key', this.#issuedKeys)
    const id = `api_${random.base62(NEWER_LENGTH)}`
    const key: ApiKey = {
      id,
      key: `${id}.${random.base62(NEWER_LENGTH)}`,
      name,
      userId,
      organizationId,
      enabled: true,
    }
    this.#keys.set(key.key, key)
    return key
  }

  removeKey(keyId: string): boolean {
    const key = this.keyById(keyId)
    return key !== undefined && this.#keys.delete(key.key)
  }

  /** The key that a client sent, whether or not it is enabled. */
  keyBySecret(secret: string): ApiKey | undefined {
    return this.#keys.get(secret)
  }

  keyById(keyId: string): ApiKey | undefined {
    return this.keys().find((key) => key.id === keyId)
  }

  keys(): ApiKey[] {
    return [...this.#keys.values()]
  }

  membership(userId: string, organizationId: string): Membership | undefined {
    for (const membership of this.memberships.values()) {
      if (membership.userId === userId && membership.organizationId === organizationId) return membership
    }
    return undefined
  }

  membershipsOfUser(userId: string): Membership[] {
    return [...this.memberships.values()].filter((membership) => membership.userId === userId)
  }

  membershipsOf(organizationId: string): Membership[] {
    return [...this.memberships.values()].filter((membership) => membership.organizationId === organizationId)
  }

  usersOf(organizationId: string): User[] {
    return this.membershipsOf(organizationId).flatMap(({ userId }) => this.users.get(userId) ?? [])
  }

  /** Whether the user is active and a member there. */
  mayActFor(userId: string, organizationId: string): boolean {
    return this.users.get(userId)?.active === true && this.membership(userId, organizationId) !== undefined
  }

  hasPermission(userId: string, organizationId: string, permission: Permission): boolean {
    const membership = this.membership(userId, organizationId)
    return membership !== undefined && permissionsOf(membership.roleId).includes(permission)
  }

  /** For example `Orla Fennimore`; null for nobody. */
  nameOf(userId: string | null): string | null {
    const user = userId === null ? undefined : this.users.get(userId)
    return user ? fullName(user) : null
  }
}

export function fullName(user: User): string {
  return `${user.firstName} ${user.lastName}`
}
