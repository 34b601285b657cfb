import type { OpenStores } from '../stores/open.ts'
import type { AuditLog } from './log.ts'

/**
 * The stores, with what the server does to a credential by itself written down in the same breath: refreshes and their
 * failures, checks by schedule, use by runs, drafts that expire; and the runs themselves. What a request does is written down with it.
 */
export function auditedStores(stores: OpenStores, log: AuditLog): OpenStores {
  const { credentials, runs } = stores
  const named = async (id: string) => ({
    kind: 'credential',
    id,
    name: (await credentials.find(id))?.name ?? '',
  })
  return {
    ...stores,
    credentials: {
      ...credentials,
      saveTokens: async (id, generation, pair) => {
        const saved = await credentials.saveTokens(id, generation, pair)
        if (saved) {
          const { accessTokenExpiresAt } = pair
          const after = { generation: generation + 1, accessTokenExpiresAt }
          await log.record({
            action: 'credential.refresh',
            object: await named(id),
            before: { generation },
            after,
          })
        }
        return saved
      },
      failGrant: async (id, generation, reasonCode, reasonMessage, owner) => {
        const failed = await credentials.failGrant(id, generation, reasonCode, reasonMessage, owner)
        if (failed) {
          const object = await named(id)
          await log.record({ action: 'credential.refresh', object, result: 'failed', reason: reasonCode })
        }
        return failed
      },
      update: async (id, change, expectedVersion) => {
        const row = await credentials.update(id, change, expectedVersion)
        const checked = change.statusAt !== undefined && change.status !== 'draft'
        if (row !== null && checked && !log.inRequest) {
          await log.record({
            action: 'credential.check',
            object: { kind: 'credential', id, name: row.name },
            result: row.status === 'failed' ? 'failed' : 'ok',
            reason: row.reasonCode,
            after: { status: row.status },
          })
        }
        return row
      },
      touch: async (id) => {
        await log.record({ action: 'credential.use', object: await named(id) })
        await credentials.touch(id)
      },
      takeExpiredDrafts: async (limit) => {
        const rows = await credentials.takeExpiredDrafts(limit)
        await Promise.all(
          rows.map(({ id, name }) =>
            log.record({ action: 'credential.expire', object: { kind: 'credential', id, name } }),
          ),
        )
        return rows
      },
    },
    runs: {
      ...runs,
      start: async (id, expected, most) => {
        const run = await runs.start(id, expected, most)
        if (run !== null) {
          const { flowId, flowName, resumes, startedBy } = run
          const after = { flowId, resumes, startedBy }
          await log.record({ action: 'run.start', object: { kind: 'run', id, name: flowName }, after })
        }
        return run
      },
      finish: async (id, status, error, output) => {
        const finished = await runs.finish(id, status, error, output)
        const run = finished ? await runs.find(id) : null
        if (run !== null) {
          const { flowId, flowName, recordsRead, recordsWritten, recordsRefused } = run
          await log.record({
            action: 'run.finish',
            object: { kind: 'run', id, name: flowName },
            result: status === 'failed' ? 'failed' : 'ok',
            reason: error?.code ?? null,
            after: { flowId, status, recordsRead, recordsWritten, recordsRefused },
          })
        }
        return finished
      },
    },
  }
}
