import { RateBudget } from '@latchwork/close'
import type { ConnectorContext } from '@latchwork/connectors'

/** What a connector gets for one use; `activity` takes what it says of itself meanwhile. */
export type MakeContext = (
  signal: AbortSignal,
  activity?: (sentence: string | null) => void,
) => ConnectorContext

/** Everything that connectors share for as long as the server runs, the rate budgets among it. */
export function createContextMaker(
  surroundings: Omit<ConnectorContext, 'signal' | 'activity' | 'budget'>,
): MakeContext {
  const budgets = new Map<string, RateBudget>()
  const budget = (organizationId: string): RateBudget => {
    const shared = budgets.get(organizationId) ?? new RateBudget({ clock: surroundings.clock })
    budgets.set(organizationId, shared)
    return shared
  }
  return (signal, activity = () => undefined) => ({ ...surroundings, signal, activity, budget })
}
