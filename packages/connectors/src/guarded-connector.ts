import {
  type CheckResult,
  type Column,
  type Identity,
  LatchworkError,
  listsRefusal,
  outsideLimits,
  outsideText,
} from '@latchwork/contract'
import { cleanError } from './clean-error.ts'
import { type Guard, guardItems } from './guarded-items.ts'
import type {
  Batch,
  Connector,
  ConnectorContext,
  CredentialAccess,
  Destination,
  Source,
  StreamReader,
  StreamWriter,
} from './interface.ts'
import { checkedColumns, shownFound, shownPreview } from './shown-records.ts'
import { shownOptions, shownStreams } from './shown-streams.ts'
import { unfitTarget } from './target-name.ts'
import {
  type SentSecrets,
  sentThrough,
  type WatchedCredential,
  watchCredential,
} from './watched-credential.ts'

/**
 * A connector whose every text is fit to be shown, logged and stored: what its system says is searched for the secrets
 * that were sent to it, and cut. Records on their way are data and stay as they are.
 */
export function guardConnector(connector: Connector): Connector {
  const { check, identify, openSource, openDestination, preview, findCreated } = connector
  const guarded: Partial<Connector> = {}
  if (check !== undefined) {
    guarded.check = (credential, context) => {
      const watched = watchCredential(credential)
      return cleanErrors(watched, async () =>
        cleanResult(await check(watched, cutActivity(context)), await watched.sent()),
      )
    }
  }
  if (identify !== undefined) {
    guarded.identify = (credential, context) => {
      const watched = watchCredential(credential)
      return cleanErrors(watched, async () => {
        const identity = await identify(watched, cutActivity(context))
        const sent = await watched.sent()
        if (isFitIdentity(identity, sent)) return shownIdentity(identity, sent)
        throw new LatchworkError(unusableId.code, { message: unusableId.message })
      })
    }
  }
  if (openSource !== undefined) {
    guarded.openSource = (config, credential, context) => {
      const watched = watchIfAny(credential)
      return cleanErrors(watched, async () =>
        guardSource(await openSource(config, watched, cutActivity(context)), watched),
      )
    }
  }
  if (openDestination !== undefined) {
    guarded.openDestination = (config, credential, context, options) => {
      const watched = watchIfAny(credential)
      return cleanErrors(watched, async () =>
        guardDestination(
          connector,
          await openDestination(config, watched, cutActivity(context), options),
          watched,
        ),
      )
    }
  }
  if (preview !== undefined) {
    guarded.preview = (config, credential, context, dataset) => {
      const watched = watchIfAny(credential)
      return cleanErrors(watched, async () => {
        const found = await preview(config, watched, cutActivity(context), dataset)
        return shownPreview(found, await sentThrough(watched))
      })
    }
  }
  if (findCreated !== undefined) {
    guarded.findCreated = (config, credential, context, dataset) => {
      const watched = watchIfAny(credential)
      return cleanErrors(watched, async () =>
        shownFound(
          await findCreated(config, watched, cutActivity(context), dataset),
          await sentThrough(watched),
        ),
      )
    }
  }
  return { ...connector, ...guarded }
}

function watchIfAny(credential: CredentialAccess | null): WatchedCredential | null {
  return credential === null ? null : watchCredential(credential)
}

async function cleanErrors<T>(watched: WatchedCredential | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw cleanError(error, await sentThrough(watched))
  }
}

/** A connector's own sentence is ours, but may name a thing of the other system. */
function cutActivity(context: ConnectorContext): ConnectorContext {
  const activity = (text: string | null): void =>
    context.activity?.(text === null ? null : outsideText(text, { max: outsideLimits.message }))
  return { ...context, activity }
}

function cleanResult(result: CheckResult, sent: SentSecrets): CheckResult {
  const { identity, reason, permissions } = result
  if (identity !== null && !isFitIdentity(identity, sent)) {
    return { status: 'unverified', identity: null, reason: unusableId }
  }
  const name = (text: string): string => shownName(text, sent)
  return {
    status: result.status,
    identity: identity === null ? null : shownIdentity(identity, sent),
    reason:
      reason === null
        ? null
        : { ...reason, code: name(reason.code), message: sentence(reason.message, sent) },
    ...(permissions === undefined
      ? {}
      : { permissions: permissions.slice(0, outsideLimits.permissions).map(name) }),
  }
}

function shownIdentity(identity: Identity, sent: SentSecrets): Identity {
  return {
    organizationId: identity.organizationId,
    organizationName: shownName(identity.organizationName, sent),
    userId: identity.userId,
    userName: shownName(identity.userName, sent),
    userEmail: shownName(identity.userEmail, sent),
  }
}

function shownName(text: string, sent: SentSecrets): string {
  return outsideText(text, { ...sent, max: outsideLimits.name })
}

const unusableId = {
  code: 'upstream_error',
  message: 'The other system names its account by an id that is too long, or not a line of plain text.',
} as const

function isFitIdentity({ organizationId, userId }: Identity, sent: SentSecrets): boolean {
  return isFitId(organizationId, sent) && isFitId(userId, sent)
}

/** The identifier of an account is never cut: two accounts would become one. */
function isFitId(id: string, sent: SentSecrets): boolean {
  return outsideText(id, { ...sent, max: outsideLimits.id }) === id
}

function sentence(text: string, sent: SentSecrets): string {
  return outsideText(text, { ...sent, max: outsideLimits.message })
}

function guardSource(source: Source, watched: WatchedCredential | null): Source {
  const guard: Guard = (work) => cleanErrors(watched, work)
  const [options, columns] = [source.options?.bind(source), source.columns?.bind(source)]
  return {
    ...(options && {
      options: (stream, parameter) =>
        guard(async () => shownOptions(await options(stream, parameter), await sentThrough(watched))),
    }),
    ...(columns && {
      columns: (stream) =>
        guard(async () => checkedColumns(await columns(stream), await sentThrough(watched))),
    }),
    streams: () => guard(async () => shownStreams(await source.streams(), await sentThrough(watched))),
    open: (selection, purpose, signal) =>
      guard(async () => guardReader(await source.open(selection, purpose, signal), watched)),
    close: () => guard(() => source.close()),
  }
}

function guardDestination(
  { definition }: Pick<Connector, 'definition'>,
  destination: Destination,
  watched: WatchedCredential | null,
): Destination {
  const guard: Guard = (work) => cleanErrors(watched, work)
  return {
    open: (plan, signal) =>
      guard(async () => {
        const refusal = plan.lists === undefined ? null : listsRefusal(definition)
        if (refusal !== null) throw unfitTarget(refusal)
        return guardWriter(await destination.open(plan, signal), watched)
      }),
    close: () => guard(() => destination.close()),
  }
}

async function guardReader(reader: StreamReader, watched: WatchedCredential | null): Promise<StreamReader> {
  const guard: Guard = (work) => cleanErrors(watched, work)
  let columns: Column[]
  let notes: string[]
  try {
    const sent = await sentThrough(watched)
    columns = checkedColumns(reader.columns, sent)
    notes = (reader.notes ?? []).map((note) => sentence(note, sent))
  } catch (error) {
    await reader.close()
    throw error
  }
  return {
    columns,
    notes,
    key: reader.key,
    ordered: reader.ordered,
    ...(reader.excerpt && { excerpt: true }),
    count: (position) => guard(() => reader.count(position)),
    batches: (position) => guardBatches(reader.batches(position), guard, watched),
    close: () => guard(() => reader.close()),
  }
}

async function* guardBatches(
  batches: AsyncIterable<Batch>,
  guard: Guard,
  watched: WatchedCredential | null,
): AsyncGenerator<Batch, void, undefined> {
  for await (const each of guardItems(batches, guard)) {
    const { existing } = each
    const batch = existing === undefined ? each : { ...each, existing: () => guardItems(existing(), guard) }
    yield batch.refused === undefined && batch.notices === undefined
      ? batch
      : shownBatch(batch, await sentThrough(watched))
  }
}

/** The system may speak in what is told beside the records. */
function shownBatch(batch: Batch, sent: SentSecrets): Batch {
  const shown = <T extends { readonly message: string }>(each: T): T => ({
    ...each,
    message: sentence(each.message, sent),
  })
  return {
    ...batch,
    ...(batch.refused === undefined ? {} : { refused: batch.refused.map(shown) }),
    ...(batch.notices === undefined ? {} : { notices: batch.notices.map(shown) }),
  }
}

function guardWriter(writer: StreamWriter, watched: WatchedCredential | null): StreamWriter {
  const guard: Guard = (work) => cleanErrors(watched, work)
  const sweep = writer.sweep?.bind(writer)
  const replaces = writer.replaces?.bind(writer)
  return {
    ...(sweep === undefined ? {} : { sweep: (existing, allows) => guard(() => sweep(existing, allows)) }),
    ...(replaces === undefined ? {} : { replaces: () => guard(replaces) }),
    ...(writer.state === undefined ? {} : { state: writer.state }),
    ...(writer.takesEach && { takesEach: true }),
    ...(writer.takesMany && { takesMany: true }),
    write: (batch) =>
      guard(async () => {
        const result = await writer.write(batch)
        const { refused, notices = [], interrupted } = result
        if (refused.length + notices.length === 0 && interrupted === undefined) return result
        const sent = await sentThrough(watched)
        cleanError(interrupted, sent)
        const shown = <T extends { readonly message: string }>(each: T): T => ({
          ...each,
          message: sentence(each.message, sent),
        })
        return notices.length === 0
          ? { ...result, refused: refused.map(shown) }
          : { ...result, refused: refused.map(shown), notices: notices.map(shown) }
      }),
    finish: () => guard(() => writer.finish()),
    abort: () => guard(() => writer.abort()),
    close: () => guard(() => writer.close()),
  }
}
