import {
  LatchworkError,
  type ResourceAccess,
  type ResourceKind,
  type ResourceRole,
  resourceRoles,
  type User,
} from '@latchwork/contract'
import type { AccessStore, Viewer } from '../stores/access-interface.ts'

interface Shown {
  readonly id: string
  /** Of a run. */
  readonly flowId?: string
}
type WithRole<T> = T & { yourRole: ResourceRole }

const least: ResourceRole = 'collaborator'

/** Decides what a member may do with one credential, source, destination or flow. What no rule allows is refused. */
export class AccessRules {
  readonly #store: AccessStore

  constructor(store: AccessStore) {
    this.#store = store
  }

  /** Null for none. Workspace administrators are as good as owners. */
  async roleOf(user: User, kind: ResourceKind, id: string): Promise<ResourceRole | null> {
    if (user.role === 'admin') return 'owner'
    return (await this.#store.rolesOf(kind, [id], user.id)).get(id) ?? null
  }

  /** What is answered, with what whoever asks may do with it. A run is looked at through its flow. */
  async withRole<T extends Shown>(user: User, kind: ResourceKind, item: T): Promise<WithRole<T>> {
    const [shown] = await this.withRoles(user, kind, [item])
    return shown ?? { ...item, yourRole: least }
  }

  async withRoles<T extends Shown>(
    user: User,
    kind: ResourceKind,
    items: readonly T[],
  ): Promise<WithRole<T>[]> {
    const idOf = (item: T) => item.flowId ?? item.id
    const roles = user.role === 'admin' ? null : await this.#store.rolesOf(kind, items.map(idOf), user.id)
    // What was taken away between the two is shown with the least.
    return items.map((item) => ({
      ...item,
      yourRole: roles === null ? 'owner' : (roles.get(idOf(item)) ?? least),
    }))
  }

  /** A page of a list, likewise. */
  async withRolesOn<T extends Shown, P extends { readonly items: readonly T[] }>(
    user: User,
    kind: ResourceKind,
    page: P & { readonly items: readonly T[] },
  ): Promise<Omit<P, 'items'> & { items: WithRole<T>[] }> {
    return { ...page, items: await this.withRoles(user, kind, page.items) }
  }

  /**
   * @throws {LatchworkError} `forbidden`; `credential_not_found` and its like for what the member may not even see
   */
  async require(user: User, kind: ResourceKind, id: string, need: ResourceRole): Promise<void> {
    const role = await this.roleOf(user, kind, id)
    if (role === null) throw new LatchworkError(`${kind}_not_found`)
    if (resourceRoles.indexOf(role) >= resourceRoles.indexOf(need)) return
    throw new LatchworkError('forbidden', {
      message: `This needs the role "${need}" for this ${kind}; yours is "${role}". Ask its owner or an administrator.`,
    })
  }

  /** The rule of an endpoint, for the thing that the request's path names. */
  async check({ resource, param, need }: ResourceAccess, user: User, params: unknown): Promise<void> {
    const id: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, param) : undefined
    if (typeof id !== 'string') throw new LatchworkError('forbidden')
    if (resource !== 'run') return this.require(user, resource, id, need)
    if (user.role === 'admin') return
    const flowId = await this.#store.flowOfRun(id)
    const role = flowId === null ? null : await this.roleOf(user, 'flow', flowId)
    if (flowId === null || role === null) throw new LatchworkError('run_not_found')
    await this.require(user, 'flow', flowId, need)
  }
}

/** What a person's lists show. */
export function viewerOf(user: User): Viewer {
  return user.role === 'admin' ? null : { memberId: user.id }
}
