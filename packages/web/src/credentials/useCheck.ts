import { ApiError, type CheckResult, type Identity, type Problem } from '@latchwork/contract'
import { useRef, useState } from 'react'
import { api } from '../api/client.ts'
import type { FieldValues } from '../ui/field-rules.ts'

interface Checked {
  /** The values that this is about. */
  values: FieldValues
  outcome: 'checking' | { result: CheckResult } | { problem: Problem }
}

/** Whose account was found; null while that isn't known. */
export function identityFound(outcome: Checked['outcome'] | null): Identity | null {
  return outcome !== null && outcome !== 'checking' && 'result' in outcome ? outcome.result.identity : null
}

const same = (a: FieldValues, b: FieldValues) => JSON.stringify(a) === JSON.stringify(b)

/** Checks values that aren't saved. An outcome counts only as long as the values stay as they were checked. */
export function useCheck(connector: string, method: string, values: FieldValues) {
  const [checked, setChecked] = useState<Checked | null>(null)
  const running = useRef<{ values: FieldValues; answer: Promise<CheckResult | null> } | null>(null)

  const ask = async (asked: FieldValues): Promise<CheckResult | null> => {
    setChecked({ values: asked, outcome: 'checking' })
    const keep = (outcome: Checked['outcome']) =>
      setChecked((now) => (now !== null && same(now.values, asked) ? { values: asked, outcome } : now))
    try {
      const result = await api.credentials.verify({ body: { connector, method, values: asked } })
      keep({ result })
      return result
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      keep({ problem: error.problem })
      return null
    } finally {
      if (running.current?.values === asked) running.current = null
    }
  }

  /** The outcome for the values as they are: from a check under way, or a new one. Null if the check was refused. */
  const check = (): Promise<CheckResult | null> => {
    if (running.current !== null && same(running.current.values, values)) return running.current.answer
    const answer = ask(values)
    running.current = { values, answer }
    return answer
  }
  const outcome = checked !== null && same(checked.values, values) ? checked.outcome : null
  return { outcome, check }
}
