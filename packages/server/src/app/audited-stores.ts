import type { Act, AuditLog } from '../audit/log.ts'
import { toTime } from '../database/columns.ts'
import type { Pause } from '../flows/store/pauses.ts'
import type { OpenStores } from './stores.ts'

/**
 * The stores with the audit log. Each change of a credential or a run is one transaction with its entry: the request
 * that asked for it, or what the server did by itself. Some changes follow from what another system has done already: a
 * pair of tokens that exists only here, a run that has ended. Such a change is worth more than its entry. If the entry
 * can't be written then, it waits until the log takes entries again.
 */
export function auditedStores(stores: OpenStores, log: AuditLog): OpenStores {
  const { credentials, runs, records, previous, authorizations, checks, pauses, tokens, members, database } =
    stores
  const named = async (id: string) => ({
    kind: 'credential',
    id,
    name: (await credentials.find(id))?.name ?? '',
  })
  const paused = async ({ flowId, reason }: Pause): Promise<Act> => ({
    action: 'flow.pause',
    object: { kind: 'flow', id: flowId, name: (await stores.flows.find(flowId))?.name ?? '' },
    after: { paused: reason.code, message: reason.message },
  })
  /** A change with its entry; no entry if nothing changed. */
  const withEntry = <T>(
    change: () => Promise<T>,
    entriesOf: (result: T) => Promise<readonly Act[]>,
    options: { readonly orLater?: boolean } = {},
  ): Promise<T> =>
    database.atomically(async () => {
      const result = await change()
      for (const act of await entriesOf(result)) await log.record(act, options)
      return result
    })
  /** A change that a request asked for is recorded as that request. */
  const asAsked = <T>(id: string | null, change: () => Promise<T>): Promise<T> =>
    log.isAbout('credential', id) ? log.commit(change) : change()
  return {
    ...stores,
    commit: (work) => log.commit(work),
    tokens: {
      ...tokens,
      // The token of a terminal's sign-in: no request names it.
      insert: (row) =>
        log.isAbout('token', null)
          ? tokens.insert(row)
          : withEntry(
              () => tokens.insert(row),
              async ({ id, name, userId }) => {
                const member = await members.find(userId)
                const [by, email] = [member?.name ?? '', member?.email ?? null]
                const actor = { kind: 'user', id: userId, name: by, email } as const
                return [{ action: 'token.create', object: { kind: 'token', id, name }, actor }]
              },
            ),
    },
    authorizations: {
      ...authorizations,
      insert: (row) => asAsked(row.credentialId, () => authorizations.insert(row)),
    },
    previous: {
      ...previous,
      swap: (swap) => asAsked(swap.id, () => previous.swap(swap)),
      erase: (id, version) => asAsked(id, () => previous.erase(id, version)),
      takeEnded: (limit) =>
        withEntry(
          () => previous.takeEnded(limit),
          (rows) =>
            Promise.all(
              rows.map(async ({ credentialId, version }) => ({
                action: 'credential.previous.erase',
                object: await named(credentialId),
                after: { version },
              })),
            ),
        ),
    },
    credentials: {
      ...credentials,
      insert: (row, mostDrafts) => asAsked(null, () => credentials.insert(row, mostDrafts)),
      erase: (id) => asAsked(id, () => credentials.erase(id)),
      saveTokens: (id, generation, pair) =>
        withEntry(
          () => credentials.saveTokens(id, generation, pair),
          async (saved) => {
            const accessTokenExpiresAt = toTime(pair.accessTokenExpiresAt)
            const after = { generation: generation + 1, accessTokenExpiresAt }
            const act = { action: 'credential.refresh', before: { generation }, after }
            return saved ? [{ ...act, object: await named(id) }] : []
          },
          { orLater: true },
        ),
      failGrant: (id, generation, reasonCode, reasonMessage, owner) =>
        withEntry(
          () => credentials.failGrant(id, generation, reasonCode, reasonMessage, owner),
          async (failed) => {
            const act = { action: 'credential.refresh', result: 'failed', reason: reasonCode } as const
            return failed ? [{ ...act, object: await named(id) }] : []
          },
          { orLater: true },
        ),
      update: (id, change, expectedVersion) => {
        if (log.isAbout('credential', id)) {
          return log.commit(() => credentials.update(id, change, expectedVersion))
        }
        const checked = change.statusAt !== undefined && change.status !== 'draft'
        return withEntry(
          () => credentials.update(id, change, expectedVersion),
          async (row) =>
            row === null || !checked
              ? []
              : [
                  {
                    action: 'credential.check',
                    object: { kind: 'credential', id, name: row.name },
                    result: row.status === 'failed' ? 'failed' : 'ok',
                    reason: row.reasonCode,
                    after: { status: row.status },
                  },
                ],
          { orLater: true },
        )
      },
      takeExpiredDrafts: (limit) =>
        withEntry(
          () => credentials.takeExpiredDrafts(limit),
          async (rows) =>
            rows.map(({ id, name }) => ({
              action: 'credential.expire',
              object: { kind: 'credential', id, name },
            })),
        ),
      eraseDeleted: (afterMs) =>
        withEntry(
          () => credentials.eraseDeleted(afterMs),
          async (erased) =>
            erased === 0 ? [] : [{ action: 'credential.erase', object: null, after: { erased } }],
        ),
      touch: (id, use) =>
        withEntry(
          () => credentials.touch(id, use),
          async () => {
            if (use === undefined) return []
            // A run's equal uses are one entry, written at its end.
            if ('run' in use.by) return runs.noteUse(use.by.run, id, use.direction).then(() => [])
            const by = 'pass' in use.by ? { pass: use.by.pass } : { for: use.by.request }
            const after = { direction: use.direction, ...by }
            return [{ action: 'credential.use', object: await named(id), after }]
          },
        ),
    },
    checks: {
      ...checks,
      pause: (clientId, rows, reasonCode, reasonMessage) =>
        withEntry(
          () => checks.pause(clientId, rows, reasonCode, reasonMessage),
          async (paused) =>
            paused === 0
              ? []
              : [
                  {
                    action: 'credential.pause',
                    object: null,
                    reason: reasonCode,
                    after: { clientId, paused },
                  },
                ],
          { orLater: true },
        ),
    },
    pauses: {
      ...pauses,
      pause: (pause) =>
        withEntry(
          () => pauses.pause(pause),
          async (begun) => (begun ? [await paused(pause)] : []),
        ),
      deleteUsed: (id, all) =>
        asAsked(id, () =>
          withEntry(
            () => pauses.deleteUsed(id, all),
            (deleted) => Promise.all(deleted ? all.map(paused) : []),
          ),
        ),
    },
    records: {
      ...records,
      eraseOld: (keep) =>
        withEntry(
          () => records.eraseOld(keep),
          async (erased) =>
            erased === 0 ? [] : [{ action: 'run.records.erase', object: null, after: { erased } }],
        ),
      eraseRuns: (afterMs) =>
        withEntry(
          () => records.eraseRuns(afterMs),
          async (erased) => (erased === 0 ? [] : [{ action: 'run.erase', object: null, after: { erased } }]),
        ),
    },
    runs: {
      ...runs,
      insert: (run) =>
        log.isAbout('flow', run.flowId)
          ? runs.insert(run)
          : withEntry(
              () => runs.insert(run),
              async ({ id, flowId, flowName }) => [
                {
                  action: 'flow.run',
                  object: { kind: 'flow', id: flowId, name: flowName },
                  after: { run: id },
                },
              ],
            ),
      start: (id, most) =>
        withEntry(
          () => runs.start(id, most),
          async (run) => {
            if (run === null) return []
            // Who started it has an entry of its own, by id and address.
            const { flowId, flowName, resumes } = run
            const after = { flowId, resumes }
            return [{ action: 'run.start', object: { kind: 'run', id, name: flowName }, after }]
          },
        ),
      finish: (held, status, error, output, retryInMs) =>
        withEntry(
          () => runs.finish(held, status, error, output, retryInMs),
          async () => {
            const { id } = held
            const run = await runs.find(id)
            if (run === null) return []
            const { flowId, flowName, recordsRead, recordsWritten, recordsRefused, recordsDeleted } = run
            const object = { kind: 'run', id, name: flowName }
            const uses = await runs.takeUses(id)
            const usesOf = uses.map(async ({ credentialId, direction, count }) => ({
              action: 'credential.use',
              object: await named(credentialId),
              after: { direction, run: id, flow: flowId, flowName, count },
            }))
            const finish = {
              action: 'run.finish',
              object,
              result: status === 'failed' ? 'failed' : 'ok',
              reason: error?.code ?? null,
              after: { flowId, status, recordsRead, recordsWritten, recordsRefused, recordsDeleted },
            } as const
            return [...(await Promise.all(usesOf)), finish]
          },
          { orLater: true },
        ),
    },
  }
}
