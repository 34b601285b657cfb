import { type AuditEntry, type AuditState, inputFaults } from '@latchwork/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { addSendHook } from '../http/problem.ts'
import type { Database } from '../stores/database.ts'
import type { Stores } from '../stores/interfaces.ts'
import type { Act, AuditLog, Origin } from './log.ts'
import { changes, type ObjectState, readState } from './states.ts'

/** What is known of a request's act before it is over. */
interface Pending {
  readonly kind: string
  id: string | null
  name: string
  before: ObjectState | null
  /** What a handler has told of an act, whether it ends well or not. */
  told: AuditState | null
  /** What a request that was refused or failed had asked for. */
  attempted: AuditState | null
  /** Who signed in by this very request. */
  signedIn: { id: string; name: string; email: string } | null
  written: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    pendingAct: Pending | null
    /** The code that an error answer has. */
    problemCode: string | null
  }
}

/**
 * Writes every request of an operation with an `audit` name down, refused ones too, with the thing that it was about as
 * it stood before and after. One that changed something is written in the transaction of the change; the answer of any
 * other leaves only when the entry is committed. Requests of nobody who is known are left to the server's log, but for
 * those by which one signs in: a stranger could fill the disk with them.
 */
export function recordRequests(
  app: FastifyInstance,
  log: AuditLog,
  stores: Stores & { readonly database: Pick<Database, 'unit'> },
): void {
  app.decorateRequest('pendingAct', null)
  app.decorateRequest('problemCode', null)
  app.decorate('commit', <T>(work: () => Promise<T>) => log.commit(work))
  app.addHook('onRequest', (request, _reply, done) =>
    log.within(
      {
        origin: () => originOf(request),
        isAbout: (kind, id) => {
          const act = request.pendingAct
          return act !== null && !act.written && act.kind === kind && act.id === id
        },
        succeed: (result) => succeed(request, result),
      },
      done,
    ),
  )

  app.addHook('preHandler', async (request) => {
    const action = auditedAs(request)
    if (action === null) return
    const act = pendingAct(request, action)
    request.pendingAct = act
    if (act.id !== null) act.before = await readState(stores, act.kind, act.id)
    act.name = act.before?.name ?? act.name
  })

  app.addHook('preSerialization', async (request, _reply, payload) => {
    const act = request.pendingAct
    if (act !== null && !act.written) noteAnswer(act, payload)
    return payload
  })

  addSendHook(app, async (request, reply, payload) => {
    const action = auditedAs(request)
    if (action === null || request.pendingAct?.written === true) return payload
    const act = request.pendingAct ?? pendingAct(request, action)
    act.written = true
    request.pendingAct = act
    if (!isWorthAnEntry(request, action)) return payload
    const refusal = refusalOf(request, reply, act)
    try {
      await log.record(entryOf(action, act, refusal ?? (await outcome(request, act)), refusal !== null))
    } catch (error) {
      // Nothing was done, and the answer says so already: as likely as not for the same reason.
      if (reply.statusCode < 500) throw error
      request.log.error({ err: error }, 'a request that failed is not in the audit log')
    }
    return payload
  })

  /** Within the unit of work that did what was asked for; if that is taken back, so is this. */
  async function succeed(request: FastifyRequest, result: unknown): Promise<void> {
    const action = auditedAs(request)
    const act = request.pendingAct
    if (action === null || act === null || act.written || !isWorthAnEntry(request, action)) return
    const known = { ...act }
    act.written = true
    stores.database.unit?.afterRollback(() => Object.assign(act, known))
    noteAnswer(act, result)
    await log.record(entryOf(action, act, await outcome(request, act), false))
  }

  async function outcome(request: FastifyRequest, act: Pending) {
    if (request.method === 'GET' || act.id === null || act.told !== null) return {}
    const after = await readState(stores, act.kind, act.id)
    act.name = after?.name ?? act.name
    return changes(act.before?.state ?? null, after?.state ?? null)
  }
}

/** Has the log tell more of a request's act, however that ends. Never a secret. */
export function tellOfAct(request: FastifyRequest, told: AuditState): void {
  if (request.pendingAct !== null) request.pendingAct.told = { ...request.pendingAct.told, ...told }
}

/** Says which thing a request is about, where its path names it otherwise than by its id. */
export function aboutThing(request: FastifyRequest, { id, name }: { id: string; name: string }): void {
  if (request.pendingAct !== null) Object.assign(request.pendingAct, { id, name })
}

/** Has the log tell what a request asked for, if it is refused or fails. Never a secret. */
export function tellOfAttempt(request: FastifyRequest, attempted: AuditState): void {
  if (request.pendingAct !== null) request.pendingAct.attempted = attempted
}

function auditedAs(request: FastifyRequest): string | null {
  return request.routeOptions.config.audit ?? null
}

function isWorthAnEntry(request: FastifyRequest, action: string): boolean {
  const signsIn = action.startsWith('session.') || action === 'member.join'
  return (request.caller !== null || signsIn) && request.problemCode !== 'too_many_requests'
}

function refusalOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { attempted }: Pending,
): Pick<AuditEntry, 'result' | 'reason' | 'after'> | null {
  if (reply.statusCode < 400) return null
  const result = reply.statusCode >= 500 ? 'failed' : 'refused'
  return { result, reason: request.problemCode, after: attempted }
}

function entryOf(action: string, act: Pending, outcome: Partial<Act>, refused: boolean): Act {
  const { told, signedIn } = act
  return {
    action,
    object: act.id === null ? null : { kind: act.kind, id: act.id, name: act.name },
    ...outcome,
    ...(told === null ? {} : { after: { ...outcome.after, ...told } }),
    ...(signedIn === null || refused ? {} : { actor: { kind: 'user', ...signedIn } }),
  }
}

function pendingAct(request: FastifyRequest, action: string): Pending {
  const kind = action.split('.', 1)[0] ?? action
  // What no text may be is refused by now, and could not be stored.
  const params = inputFaults(request.params, 'line').length === 0 ? request.params : {}
  const id = stringIn(params, 'id') ?? stringIn(params, 'name')
  return {
    kind,
    id,
    name: stringIn(params, 'name') ?? '',
    before: null,
    told: null,
    attempted: null,
    signedIn: null,
    written: false,
  }
}

/** A thing that was just made is known by the answer. */
function noteAnswer(act: Pending, payload: unknown): void {
  const answered = propertyOf(payload, 'token') ?? propertyOf(payload, 'invitation') ?? payload
  act.id ??= stringIn(answered, 'id')
  if (act.name === '') act.name = stringIn(answered, 'name') ?? stringIn(answered, 'email') ?? ''
  const user = propertyOf(payload, 'user')
  const [id, name, email] = [stringIn(user, 'id'), stringIn(user, 'name'), stringIn(user, 'email')]
  if (id !== null && name !== null && email !== null) {
    act.signedIn = { id, name, email }
    if (act.kind === 'member') act.id = id
  }
}

function originOf(request: FastifyRequest): Origin {
  const { caller } = request
  return {
    actor:
      caller === null
        ? { kind: 'nobody', id: null, name: 'Somebody not signed in', email: null }
        : { kind: caller.via === 'token' ? 'token' : 'user', ...personOf(caller.user) },
    address: request.ip,
    agent: agentClass(request.headers['user-agent']),
    requestId: request.id,
  }
}

function personOf({
  id,
  name,
  email,
}: {
  readonly id: string
  readonly name: string
  readonly email: string
}) {
  return { id, name, email }
}

function agentClass(agent: string | undefined): AuditEntry['agent'] {
  if (agent === undefined || agent === '') return 'none'
  if (/^Mozilla\//i.test(agent)) return 'browser'
  return /^(curl|wget|latchwork|httpie)\b/i.test(agent) ? 'command_line' : 'program'
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function stringIn(value: unknown, name: string): string | null {
  const found = propertyOf(value, name)
  return typeof found === 'string' ? found : null
}
