import { Readable } from 'node:stream'
import { endpoints, quarantineEditLimits, streams } from '@latchwork/contract'
import { tellOfAct } from '../../audit/recording.ts'
import { type HttpApp, registerEndpoint } from '../../http/endpoint.ts'
import { readNumbersExactly } from '../../http/exact-json.ts'
import { type Starting, starterOf } from '../starting.ts'
import type { DoubtfulRecords } from './doubtful.ts'
import type { Quarantine } from './quarantine.ts'
import type { Runs } from './runs.ts'

/** `/api/runs` and below. */
export async function registerRuns(
  app: HttpApp,
  runs: Runs,
  quarantine: Quarantine,
  doubtful: DoubtfulRecords,
  starting: Pick<Starting, 'replay'>,
): Promise<void> {
  const contract = endpoints.runs
  registerEndpoint(app, contract.list, ({ query, caller }) => runs.list(query, caller.user))
  registerEndpoint(app, contract.get, ({ params }) => runs.get(params.id))
  registerEndpoint(app, contract.log, async ({ params }) => ({ items: await runs.log(params.id) }))
  registerEndpoint(app, endpoints.flows.history, async ({ params, query }) => ({
    items: await runs.past(params.id, query.limit),
  }))
  registerEndpoint(app, contract.cancel, ({ params }) => runs.cancel(params.id))
  registerEndpoint(app, contract.delete, ({ params }) => runs.delete(params.id))
  registerEndpoint(app, contract.records, ({ params, query }) => runs.records(params.id, query.stream))
  registerEndpoint(app, contract.quarantine, ({ params, query }) => quarantine.list(params.id, query))
  registerEndpoint(app, contract.quarantineGroups, async ({ params }) => ({
    items: await quarantine.groups(params.id),
  }))
  registerEndpoint(app, contract.getQuarantined, ({ params, request }) => {
    tellOfAct(request, { record: params.record })
    return quarantine.get(params.id, params.record)
  })
  await app.register(async (records) => {
    readNumbersExactly(records)
    registerEndpoint(
      records,
      contract.editQuarantined,
      ({ params, body, request }) => {
        tellOfAct(request, { record: params.record, columns: Object.keys(body.values) })
        return quarantine.edit(params.id, params.record, body)
      },
      { limits: quarantineEditLimits },
    )
  })
  registerEndpoint(app, contract.dropQuarantined, async ({ params, body, request }) => {
    const { dropped } = await quarantine.drop(params.id, body)
    tellOfAct(request, { dropped })
    return { dropped }
  })
  registerEndpoint(
    app,
    contract.findDoubtful,
    async ({ params, caller, request }) => {
      tellOfAct(request, { record: params.record, sought: true })
      return doubtful.find(await runs.find(params.id), params.record, caller.user)
    },
    { waits: true },
  )
  registerEndpoint(app, contract.decideDoubtful, async ({ params, body, request }) => {
    tellOfAct(request, { record: params.record, ...body })
    return { inQuarantine: await doubtful.decide(await runs.find(params.id), params.record, body) }
  })
  registerEndpoint(app, contract.replay, async ({ params, body, caller, request }) => {
    const positions = await quarantine.positions(params.id, body)
    const run = await starting.replay(await runs.find(params.id), positions, starterOf(caller))
    tellOfAct(request, { run: run.id, records: run.recordsExpected })
    return run
  })
  registerEndpoint(
    app,
    streams.runs.quarantineCsv,
    async ({ params, query, reply }) => {
      reply
        .header('content-disposition', `attachment; filename="refused-${params.id}.csv"`)
        .header('x-content-type-options', 'nosniff')
      return Readable.from(quarantine.csv(params.id, query.group))
    },
    { waits: true },
  )
}
