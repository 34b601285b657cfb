import {
  LatchworkError,
  type ResourceAccess,
  type ResourceKind,
  type ResourceRole,
  resourceRoles,
  type Subject,
  type User,
} from '@latchwork/contract'
import type { Shown, ShownList } from '../http/caller.ts'
import type { AccessStore } from './store/access.ts'
import type { Thing, Viewer } from './store/viewing.ts'

const least: ResourceRole = 'collaborator'

/**
 * Decides what a subject may do with one thing, for requests, runs, schedules and sign-ins alike. Everything that no
 * rule allows is refused. Asks the database each time and remembers nothing, so a right that was taken away is gone in
 * every process at once.
 */
export class AccessRules {
  readonly #store: AccessStore

  constructor(store: AccessStore) {
    this.#store = store
  }

  /** Null for none. Workspace administrators count as owners. */
  async roleOf(subject: Subject, thing: Thing): Promise<ResourceRole | null> {
    return (await this.#store.rolesOf(subject, [thing])).get(thing.id) ?? null
  }

  /** Whether the subject has at least the role for the thing. */
  async may(subject: Subject, need: ResourceRole, thing: Thing): Promise<boolean> {
    return (await this.mayNot(subject, [{ ...thing, need }])).length === 0
  }

  /** The things for which the subject lacks the needed role, found by one query. */
  async mayNot<T extends Thing & { readonly need: ResourceRole }>(
    subject: Subject,
    things: readonly T[],
  ): Promise<T[]> {
    const roles = await this.#store.rolesOf(subject, things)
    return things.filter(({ id, need }) => !suffices(roles.get(id), need))
  }

  /**
   * Like `may`, and says why not.
   * @throws {LatchworkError} `forbidden`; `credential_not_found` and its like for what the subject may not even see
   */
  async require(subject: Subject, need: ResourceRole, thing: Thing): Promise<void> {
    const role = await this.roleOf(subject, thing)
    if (role === null) throw new LatchworkError(`${thing.kind}_not_found`)
    if (suffices(role, need)) return
    throw new LatchworkError('forbidden', {
      message: `This needs the role "${need}" for this ${thing.kind}; yours is "${role}". Ask its owner or an administrator.`,
    })
  }

  /** Checks the rule of an endpoint for the thing that the request's path names. A run has the rights of its flow. */
  async check({ resource, param, need }: ResourceAccess, user: User, params: unknown): Promise<void> {
    const id: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, param) : undefined
    if (typeof id !== 'string') throw new LatchworkError('forbidden')
    if (resource !== 'run') return this.require(memberOf(user), need, { kind: resource, id })
    const flowId = await this.#store.flowOfRun(id)
    const flow = flowId === null ? null : ({ kind: 'flow', id: flowId } as const)
    if (flow === null || (await this.roleOf(memberOf(user), flow)) === null)
      throw new LatchworkError('run_not_found')
    await this.require(memberOf(user), need, flow)
  }

  /** The ids of those things that the person may see. */
  async seen(user: User, things: readonly Thing[]): Promise<ReadonlySet<string>> {
    return new Set((await this.#store.rolesOf(memberOf(user), things)).keys())
  }

  /** Adds the caller's role to an answer, or to each of its items. A run has the rights of its flow. */
  async addRole(user: User, kind: ResourceKind, answer: Shown | ShownList): Promise<unknown> {
    const items = 'items' in answer ? answer.items : [answer]
    const idOf = (item: Shown) => item.flowId ?? item.id
    const things = [...new Set(items.map(idOf))].map((id) => ({ kind, id }))
    const roles = await this.#store.rolesOf(memberOf(user), things)
    // A right that was taken away in between is shown as the least.
    const shown = items.map((item) => ({ ...item, yourRole: roles.get(idOf(item)) ?? least }))
    return 'items' in answer ? { ...answer, items: shown } : shown[0]
  }
}

function suffices(role: ResourceRole | undefined, need: ResourceRole): boolean {
  return role !== undefined && resourceRoles.indexOf(role) >= resourceRoles.indexOf(need)
}

/** A person, as the subject of the rules. */
export function memberOf({ id }: Pick<User, 'id'>): Subject {
  return { kind: 'member', id }
}

/** The viewer of a person's lists. */
export function viewerOf(user: User): Viewer {
  return user.role === 'admin' ? null : { memberId: user.id }
}
