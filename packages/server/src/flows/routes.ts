import { endpoints, type Flow, type User } from '@latchwork/contract'
import { tellOfAct } from '../audit/recording.ts'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import type { AccessRules } from '../identity/rules.ts'
import { type ColumnParts, requireColumns } from './chosen-columns.ts'
import { type DraftParts, overlapsOfDraft } from './draft-overlaps.ts'
import type { Flows } from './flows.ts'
import { type LackingParts, lackingOf } from './lacking.ts'
import { chooseColumn, columnsOf, type NamingParts, takeNames } from './naming.ts'
import { checkChanged, checkNew, type ParameterParts } from './parameters.ts'
import { type Starting, starterOf } from './starting.ts'
import type { FlowDetails } from './view.ts'

/**
 * `/api/flows` and below.
 * @param checks of what a flow is to read, before it is saved
 */
export function registerFlows(
  app: HttpApp,
  flows: Flows,
  starting: Starting,
  stores: NamingParts & { commit<T>(work: () => Promise<T>): Promise<T> },
  checks: {
    readonly columns: ColumnParts
    readonly parameters: ParameterParts
    readonly lacking: LackingParts
    readonly draft: DraftParts
  },
): void {
  const { columns, parameters } = checks
  const { rules } = columns
  const contract = endpoints.flows
  const shown = async (user: User, flow: FlowDetails) => (await withheld(rules, user, [flow]))[0] ?? flow
  registerEndpoint(app, contract.list, async ({ query, caller }) => {
    const page = await flows.list(query, caller.user)
    return { ...page, items: await withheld(rules, caller.user, page.items) }
  })
  registerEndpoint(
    app,
    contract.create,
    async ({ body, caller: { user } }) => {
      await checkNew(parameters, body, user)
      await requireColumns(columns, body.sourceId, body.streams, null, user)
      return stores.commit(async () => shown(user, await flows.create(body, user)))
    },
    { waits: true },
  )
  registerEndpoint(app, contract.get, async ({ params, caller }) =>
    shown(caller.user, await flows.get(params.id, caller.user)),
  )
  registerEndpoint(
    app,
    contract.update,
    async ({ params: { id }, body, caller: { user } }) => {
      const { sourceId, destinationId, schema, reread, was, ...change } = body
      const { streams, again } = change
      await checkChanged(parameters, id, { sourceId, streams }, user)
      if (streams !== undefined) {
        const before = await flows.get(id, user)
        await requireColumns(columns, sourceId ?? before.source.id ?? '', streams, before.streams, user)
      }
      return stores.commit(async () => {
        await flows.requireSeen(id, was)
        await flows.changeSides(id, { sourceId, destinationId, schema, streams, reread, again }, user)
        return shown(user, await flows.update(id, change, user.name))
      })
    },
    { waits: true },
  )
  registerEndpoint(app, contract.duplicate, async ({ params, body, caller: { user } }) =>
    shown(user, await flows.duplicate(params.id, body.name, user)),
  )
  registerEndpoint(app, contract.overlaps, ({ params, caller }) => flows.overlaps(params.id, caller.user))
  registerEndpoint(
    app,
    contract.lacking,
    async ({ params, caller }) => ({ items: await lackingOf(checks.lacking, params.id, caller.user) }),
    { waits: true },
  )
  registerEndpoint(app, contract.draftOverlaps, ({ body, caller }) =>
    overlapsOfDraft(checks.draft, body, caller.user),
  )
  registerEndpoint(app, contract.columns, ({ params }) => columnsOf(stores, params.id))
  registerEndpoint(app, contract.takeNames, ({ params }) => takeNames(stores, params.id))
  registerEndpoint(app, contract.chooseColumn, ({ params, body, request }) => {
    tellOfAct(request, { stream: body.stream, column: body.column, choice: body.choice })
    return chooseColumn(stores, params.id, body)
  })
  registerEndpoint(app, contract.delete, ({ params }) => flows.delete(params.id))
  registerEndpoint(app, contract.run, async ({ params, body, caller, request }) => {
    const run = await starting.run(params.id, starterOf(caller), body)
    tellOfAct(request, { run: run.id, again: body.again, ...(run.scope && { scope: run.scope }) })
    return run
  })
  registerEndpoint(app, contract.streams, async ({ params }) => ({
    items: await starting.streams(params.id),
  }))
  registerEndpoint(app, contract.reset, async ({ params, body, request }) => {
    tellOfAct(request, { streams: body.streams })
    return { items: await starting.reset(params.id, body.streams) }
  })
  registerEndpoint(app, contract.backfill, async ({ params, body, caller, request }) => {
    const { stream, ...range } = body
    const run = await starting.backfill(params.id, starterOf(caller), stream, range)
    tellOfAct(request, { run: run.id, scope: run.scope })
    return run
  })
}

/** Removes the names of sides that the person may not see. */
async function withheld<F extends FlowDetails>(
  rules: AccessRules,
  user: User,
  flows: readonly F[],
): Promise<F[]> {
  const sides = flows.flatMap(({ source, destination }) => [
    { kind: 'source' as const, id: source.id ?? '' },
    { kind: 'destination' as const, id: destination.id ?? '' },
  ])
  const seen = await rules.seen(user, sides)
  const seenSide = (shown: Flow['source']): Flow['source'] =>
    seen.has(shown.id ?? '') ? shown : { id: null, name: null, connector: shown.connector }
  return flows.map((flow) => ({
    ...flow,
    source: seenSide(flow.source),
    destination: seenSide(flow.destination),
  }))
}
