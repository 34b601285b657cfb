import type { PassRules } from '@latchwork/contract'
import { Policy } from '../../src/gateway/rules/policy.ts'

/** What a policy says of a request: the rule that refuses it, or `allowed`. */
export const decide = (rules: PassRules, method: string, address: string, body?: unknown) => {
  const [at = '', query = ''] = address.split('?')
  const policy = new Policy(rules)
  const verdict = policy.decide(method, at, new URLSearchParams(query))
  if (verdict.denial !== null) return verdict.denial.rule
  if (!verdict.looksAtBody) return 'allowed'
  return policy.bodyDenial(verdict.operation, body)?.rule ?? 'allowed'
}

/** What is cut from the answer to a request. */
export const cutOf = (rules: PassRules, method: string, address: string) => {
  const verdict = new Policy(rules).decide(method, address, new URLSearchParams())
  return verdict.denial === null ? verdict.cut : 'denied'
}
