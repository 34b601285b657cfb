import { endpoints, passWords } from '@latchwork/contract'
import { toTime } from '../database/columns.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import type { Passes } from './passes.ts'
import { Policy } from './rules/policy.ts'
import { type SealParts, verifySeals } from './sealing.ts'
import { type CallRow, type CallStore, dayMs } from './store/calls.ts'

/** `/api/passes` and below. */
export function registerPasses(app: HttpApp, passes: Passes, calls: CallStore, sealing: SealParts): void {
  const contract = endpoints.passes
  registerEndpoint(app, contract.list, ({ query, caller }) => passes.list(query, caller.user))
  registerEndpoint(app, contract.create, ({ body, caller }) => passes.create(body, caller.user), {
    waits: true,
  })
  registerEndpoint(app, contract.get, ({ params, caller }) => passes.get(params.id, caller.user))
  registerEndpoint(
    app,
    contract.update,
    ({ params, body, caller }) => passes.update(params.id, body, caller.user),
    { waits: true },
  )
  registerEndpoint(
    app,
    contract.smartViews,
    async ({ query, caller }) => ({ items: await passes.smartViews(query.credential, caller.user) }),
    { waits: true },
  )
  registerEndpoint(
    app,
    contract.fields,
    async ({ query: { credential, object }, caller }) => ({
      items: await passes.fields(credential, object, caller.user),
    }),
    { waits: true },
  )
  registerEndpoint(app, contract.rotate, ({ params, body, caller }) =>
    passes.rotate(params.id, body.overlapHours, caller.user),
  )
  registerEndpoint(app, contract.revoke, ({ params, caller }) => passes.revoke(params.id, caller.user))
  registerEndpoint(app, contract.delete, ({ params }) => passes.delete(params.id))
  registerEndpoint(app, contract.calls, async ({ params, query, caller }) => {
    await passes.get(params.id, caller.user)
    const { items, nextCursor } = await calls.list(params.id, query)
    return { items: items.map(callView), nextCursor }
  })
  registerEndpoint(app, contract.counts, async ({ params, query, caller }) => {
    await passes.get(params.id, caller.user)
    const since = (await sealing.now()).getTime() - query.days * dayMs
    const [hours, today] = await Promise.all([calls.hours([params.id], since), calls.taken(params.id, dayMs)])
    return { items: hours.get(params.id) ?? [], today }
  })
  registerEndpoint(app, contract.verify, () => verifySeals(sealing))
  registerEndpoint(app, contract.preview, async ({ body: { rules, confirmWrites, requests } }) => {
    const policy = new Policy(rules)
    const denials = requests.map(({ method, path, body }) => {
      const [address = '', query = ''] = path.split('?')
      const verdict = policy.decide(method.toUpperCase(), address, new URLSearchParams(query))
      const denial =
        verdict.denial ??
        (verdict.looksAtBody
          ? (policy.bodyDenial(verdict.operation, body) ?? policy.namingDenial(verdict.operation, body))
          : null)
      return denial === null ? null : { code: denial.code, message: denial.message }
    })
    return { ...passWords(rules, confirmWrites), denials }
  })
}

function callView({ id: _, passId: __, at, query, ...call }: CallRow) {
  return { ...call, at: toTime(at), query: [...query] }
}
