import { type CloseClient, isCloseError } from '@latchwork/close'
import { forEachAtOnce } from './for-each-at-once.ts'
import type { PlannedWrite } from './plan.ts'
import type { TargetObject } from './targets.ts'

const requestsAtOnce = 4

type Word = TargetObject['searchType']

/** A record that a planned write names by its id. */
interface Reference {
  readonly of: Word
  readonly id: string
}

/**
 * Plans as a run would end them: a write that names a lead, a contact or a record which is not in the account is refused.
 * Each id is asked for once, so this is for a few records. What the credential may not read is left to Close to judge.
 * @throws CloseError
 */
export async function withKnownIds(
  client: CloseClient,
  object: TargetObject,
  plans: readonly PlannedWrite[],
  signal: AbortSignal,
): Promise<PlannedWrite[]> {
  const wanted = new Map(
    plans.flatMap((plan) => referencesOf(plan, object)).map((each) => [keyOf(each), each]),
  )
  const missing = new Set<string>()
  await forEachAtOnce([...wanted], requestsAtOnce, async ([key, { of, id }]) => {
    try {
      await resourceOf(client, of).get(id, { fields: ['id'], signal, priority: 'interactive' })
    } catch (error) {
      if (!isCloseError(error) || !['not_found', 'invalid', 'forbidden'].includes(error.code)) throw error
      if (error.code !== 'forbidden') missing.add(key)
    }
  })
  return plans.map((plan) => {
    const lost = referencesOf(plan, object).find((each) => missing.has(keyOf(each)))
    return lost === undefined
      ? plan
      : { action: 'refuse', message: `There is no ${lost.of} ${lost.id.slice(0, 60)} in this account.` }
  })
}

function referencesOf(plan: PlannedWrite, { searchType }: TargetObject): Reference[] {
  if (plan.action === 'refuse') return []
  const { lead_id: lead, contact_id: contact } = plan.body
  return [
    ...(plan.action === 'update' ? [{ of: searchType, id: plan.id }] : []),
    ...(typeof lead === 'string' ? [{ of: 'lead' as const, id: lead.trim() }] : []),
    ...(typeof contact === 'string' ? [{ of: 'contact' as const, id: contact.trim() }] : []),
  ]
}

const keyOf = ({ of, id }: Reference): string => `${of} ${id}`

function resourceOf(client: CloseClient, of: Word) {
  switch (of) {
    case 'lead':
      return client.leads
    case 'contact':
      return client.contacts
    case 'opportunity':
      return client.opportunities
  }
}
