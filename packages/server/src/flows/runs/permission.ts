import { LatchworkError, newId, type User } from '@latchwork/contract'
import type { NewAlert } from '../../alerts/store.ts'
import { type AccessRules, memberOf } from '../../identity/rules.ts'
import type { MemberStore } from '../../identity/store/members.ts'
import { type FlowNeeds, type Pause, type PauseStore, pausedByHand, type UsedThing } from '../store/pauses.ts'

export interface PermissionParts {
  readonly stores: { readonly members: MemberStore } & { readonly pauses: PauseStore }
  readonly rules: AccessRules
}

const partWords: Readonly<Record<UsedThing['part'], string>> = {
  source: 'the data source',
  destination: 'the data destination',
  'source credential': 'the credential behind the data source',
  'destination credential': 'the credential behind the data destination',
  'source file': 'the file behind the data source',
  'destination file': 'the file behind the data destination',
}

/**
 * Whether a flow may run: its owner must now be allowed to use its source, its destination, and their credentials and
 * files. The sentence for a flow that may not run names no thing, since its owner may not see it.
 */
export class FlowPermission {
  readonly #parts: PermissionParts

  constructor(parts: PermissionParts) {
    this.#parts = parts
  }

  /**
   * The reason why a run may not continue; null: it may. Costs two look-ups by id.
   * @param opened the credentials that the run has opened: its source or destination may have another one by now
   */
  async refusal(flowId: string, opened: readonly string[]): Promise<LatchworkError | null> {
    const needs = await this.#needs(flowId)
    if (needs.paused !== null && needs.paused.code !== pausedByHand) {
      return new LatchworkError('access_withdrawn', { message: needs.paused.message })
    }
    const earlier = opened.filter((id) => needs.things.every((thing) => thing.id !== id))
    return (await this.#refusalFor(needs)) ?? (await this.#refusalOfEarlier(needs, earlier))
  }

  /** The credentials that the flow no longer names still need the right, until the run that opened them has ended. */
  async #refusalOfEarlier({ ownerId }: FlowNeeds, ids: readonly string[]): Promise<LatchworkError | null> {
    if (ids.length === 0) return null
    const { rules, stores } = this.#parts
    const things = ids.map((id) => ({ kind: 'credential', id, need: 'collaborator' }) as const)
    const refused = await rules.mayNot(memberOf({ id: ownerId }), things)
    if (refused.length === 0 && !(await stores.pauses.someDeleted(ids))) return null
    return new LatchworkError('access_withdrawn', {
      message:
        "A credential that this run began with was deleted, or isn't shared with the flow's owner any more. Run the flow again: it uses the credentials that it has now.",
    })
  }

  /** As `refusal` for a flow that is to begin or to be resumed. @throws {LatchworkError} `access_withdrawn`, `flow_not_found` */
  async require(flowId: string): Promise<void> {
    const refusal = await this.#refusalFor(await this.#needs(flowId))
    if (refusal !== null) throw refusal
  }

  /** For other sides of a flow: requires that its owner may use them. @throws {LatchworkError} `forbidden` */
  async requireSides(flowId: string, kinds: readonly ('source' | 'destination')[]): Promise<void> {
    const missing = await this.#missing(await this.#needs(flowId))
    const refused = missing.filter(({ part }) => kinds.some((kind) => part.startsWith(kind)))
    if (refused.length === 0) return
    const words = refused.map(({ part }) => partWords[part]).join(' and ')
    throw new LatchworkError('forbidden', {
      message: `The owner of this flow may not use ${words}. Have it shared with the owner first: the runs of a flow act for its owner.`,
    })
  }

  /**
   * For a new flow: requires that its owner may use also the credentials of the source and the destination.
   * @throws {LatchworkError} `forbidden`
   */
  async requireCredentials(
    owner: User,
    sides: readonly { readonly kind: 'source' | 'destination'; readonly credentialId: string | null }[],
  ): Promise<void> {
    for (const { kind, credentialId: id } of sides) {
      if (
        id === null ||
        (await this.#parts.rules.may(memberOf(owner), 'collaborator', { kind: 'credential', id }))
      )
        continue
      throw new LatchworkError('forbidden', {
        message: `You may use this data ${kind}, but not the credential behind it. Ask whoever owns the data ${kind} to have the credential shared with you.`,
      })
    }
  }

  /** Pauses the flow, if its owner may not use what it needs, and tells both owners, once. */
  async pauseIfWithdrawn(flowId: string): Promise<void> {
    const needs = await this.#needs(flowId)
    if (needs.paused !== null) return
    const missing = await this.#missing(needs)
    if (missing.length > 0) await this.#parts.stores.pauses.pause(await this.#pauseOf(needs, missing))
  }

  /** The pauses of the flows that use a credential or a file which somebody deletes. */
  async pausesBy(user: User, kind: 'credential' | 'file', flowIds: readonly string[]): Promise<Pause[]> {
    const pauses: Pause[] = []
    for (const flowId of flowIds) {
      const needs = await this.#needs(flowId)
      if (needs.paused !== null) continue
      const message = `A ${kind} that this flow needs was deleted by ${user.name}. Choose another one for its data source or destination, then resume the flow.`
      const alerts =
        needs.ownerId === user.id ? [] : [alertOf(needs.ownerId, pausedTitle(needs), message, { flowId })]
      pauses.push({ flowId, reason: { code: 'access_withdrawn', message }, alerts })
    }
    return pauses
  }

  async #needs(flowId: string): Promise<FlowNeeds> {
    const needs = await this.#parts.stores.pauses.needs(flowId)
    if (needs === null) throw new LatchworkError('flow_not_found')
    return needs
  }

  async #missing({ ownerId, things }: FlowNeeds): Promise<UsedThing[]> {
    const refused = await this.#parts.rules.mayNot(memberOf({ id: ownerId }), things)
    return things.filter((thing) => thing.deleted || refused.includes(thing))
  }

  async #refusalFor(needs: FlowNeeds): Promise<LatchworkError | null> {
    const missing = await this.#missing(needs)
    if (missing.length === 0) return null
    const { reason } = await this.#pauseOf(needs, missing)
    return new LatchworkError('access_withdrawn', { message: reason.message })
  }

  async #pauseOf(needs: FlowNeeds, missing: readonly UsedThing[]): Promise<Pause> {
    const { flowId, ownerId } = needs
    const nameOf = async (id: string) => (await this.#parts.stores.members.find(id))?.name ?? null
    const owner = (await nameOf(ownerId)) ?? 'A member who was removed'
    const lenders = [...new Set(missing.map((thing) => thing.ownerId))].filter(
      (id) => id !== ownerId && id !== '',
    )
    const names = (await Promise.all(lenders.map(nameOf))).flatMap((name) => name ?? [])
    const parts = missing.map(
      ({ part, deleted }) => `${partWords[part]}${deleted ? ', which was deleted' : ''}`,
    )
    const ask = [...new Set(names), 'an administrator'].join(' or ')
    const message = `${owner}, who owns this flow, may not use ${parts.join(' and ')} any more. Ask ${ask}, then resume the flow.`
    const lost = lenders.map((lenderId): NewAlert => {
      const lent = missing.filter((thing) => thing.ownerId === lenderId)
      const things = lent.map(({ kind, name }) => `the ${kind} “${name}”`).join(' and ')
      const credential = lent.find(({ kind }) => kind === 'credential')
      return alertOf(
        lenderId,
        `A flow of ${owner} is paused`,
        `${owner} may not use ${things} any more. If the flow should go on, share it with ${owner}; then the flow can be resumed.`,
        credential === undefined ? {} : { credentialId: credential.id },
      )
    })
    const alerts = [alertOf(ownerId, pausedTitle(needs), message, { flowId }), ...lost]
    return { flowId, reason: { code: 'access_withdrawn', message }, alerts }
  }
}

function pausedTitle({ name }: FlowNeeds): string {
  return `“${name}” is paused`
}

function alertOf(
  ownerId: string,
  title: string,
  message: string,
  about: { readonly flowId?: string; readonly credentialId?: string },
): NewAlert {
  const code = 'access_withdrawn'
  return {
    id: newId('alert'),
    kind: 'flow_paused',
    credentialId: null,
    ...about,
    ownerId,
    code,
    title,
    message,
  }
}
