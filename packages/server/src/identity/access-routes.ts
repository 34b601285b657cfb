import {
  type AccessList,
  endpoints,
  type Grant,
  LatchworkError,
  type ResourceKind,
  resourceKinds,
  type Subject,
  type User,
} from '@latchwork/contract'
import { refuseStale } from '../database/stale.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import { type AccessRules, memberOf } from './rules.ts'
import type { AccessStore } from './store/access.ts'
import type { MemberStore } from './store/members.ts'

/**
 * Registers the endpoints that show, grant and transfer access to a thing, in the same way for each kind.
 * @param handedOver called in the transaction that hands a thing over; it may refuse
 */
export function registerAccess(
  app: HttpApp,
  rules: AccessRules,
  { access, members }: { readonly access: AccessStore; readonly members: MemberStore },
  handedOver: (kind: ResourceKind, id: string) => Promise<void>,
): void {
  const list = async (kind: ResourceKind, id: string, user: User): Promise<AccessList> => {
    const items: Grant[] = await access.grants(kind, id)
    const yourRole = await rules.roleOf(memberOf(user), { kind, id })
    if (items.length === 0 || yourRole === null) throw new LatchworkError(`${kind}_not_found`)
    return { items, yourRole }
  }
  const known = async (memberId: string): Promise<void> => {
    if ((await members.find(memberId)) === null) throw new LatchworkError('member_not_found')
  }
  const kinds = {
    credential: endpoints.credentialAccess,
    source: endpoints.sourceAccess,
    destination: endpoints.destinationAccess,
    flow: endpoints.flowAccess,
    file: endpoints.fileAccess,
    pass: endpoints.passAccess,
  } as const satisfies Record<ResourceKind, unknown>
  for (const kind of resourceKinds) {
    const { get, set, transfer } = kinds[kind]
    registerEndpoint(app, get, ({ params, caller }) => list(kind, params.id, caller.user))
    registerEndpoint(app, set, async ({ params, body, caller }) => {
      const { role, memberId, was } = body
      const subject = body.subject ?? subjectOf(memberId ?? null)
      if (subject.kind === 'member') await known(subject.id)
      if (was !== undefined)
        refuseStale({ role: granted(await access.grants(kind, params.id), subject) }, was)
      await access.grant(kind, params.id, { subject, role, by: caller.user.id })
      return list(kind, params.id, caller.user)
    })
    registerEndpoint(app, transfer, async ({ params, body, caller }) => {
      await known(body.to)
      await access.transfer(kind, params.id, body.to, caller.user.id)
      await handedOver(kind, params.id)
      return list(kind, params.id, caller.user)
    })
  }
}

/** The role that it has now; null: none. */
function granted(grants: readonly Grant[], subject: Subject): Grant['role'] | null {
  const is = (given: Grant['subject']) =>
    given.kind === 'member'
      ? subject.kind === 'member' && given.id === subject.id
      : subject.kind === 'everyone'
  return grants.find((grant) => is(grant.subject))?.role ?? null
}

function subjectOf(memberId: string | null): Subject {
  return memberId === null ? { kind: 'everyone' } : { kind: 'member', id: memberId }
}
