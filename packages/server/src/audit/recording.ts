import { type Audit, type AuditEntry, type AuditState, inputFaults, userSchema } from '@latchwork/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Database } from '../database/database.ts'
import { addSendHook } from '../http/problem.ts'
import { changes, type ObjectState } from './changes.ts'
import type { Act, AuditLog, Origin } from './log.ts'

const signedInSchema = z.object({ user: userSchema })

/** What is known of a request's act before it is over. */
interface Pending {
  /** As the operation is declared. */
  readonly audit: Audit
  readonly kind: string
  id: string | null
  name: string
  before: ObjectState | null
  /** What a handler has told of an act, whether it ends well or not. */
  reported: AuditState | null
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

export interface RecordingParts {
  readonly database: Pick<Database, 'unit'>
  /** How a thing stands now; null for one that is not there. */
  readState(kind: string, id: string): Promise<ObjectState | null>
}

/**
 * Writes every request of an operation with `audit` down, refused ones too, with the thing that it was about as
 * it stood before and after. One that changed something is written in the transaction of the change; the answer of any
 * other leaves only when the entry is committed. Requests of nobody who is known are left to the server's log, but for
 * those by which one signs in: a stranger could fill the disk with them.
 */
export function recordRequests(
  app: FastifyInstance,
  log: AuditLog,
  { database, readState }: RecordingParts,
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
    const audit = auditedAs(request)
    if (audit === null) return
    const act = pendingAct(request, audit)
    request.pendingAct = act
    if (act.id !== null) act.before = await readState(act.kind, act.id)
    act.name = act.before?.name ?? act.name
  })

  app.addHook('preSerialization', async (request, _reply, payload) => {
    const act = request.pendingAct
    if (act !== null && !act.written) noteAnswer(act, payload)
    return payload
  })

  addSendHook(app, async (request, reply, payload) => {
    const audit = auditedAs(request)
    if (audit === null || request.pendingAct?.written === true) return payload
    const act = request.pendingAct ?? pendingAct(request, audit)
    act.written = true
    request.pendingAct = act
    if (!isWorthAnEntry(request, act)) return payload
    const refusal = refusalOf(request, reply, act)
    try {
      await log.record(entryOf(act, refusal ?? (await outcome(request, act)), refusal !== null))
    } catch (error) {
      // Nothing was done, and the answer says so already: as likely as not for the same reason.
      if (reply.statusCode < 500) throw error
      request.log.error({ err: error }, 'a request that failed is not in the audit log')
    }
    return payload
  })

  /**
   * Within the unit of work that did what was asked for; if that is taken back, so is this.
   * @param result the answer, or a row that has what the answer has of the thing
   */
  async function succeed(request: FastifyRequest, result: unknown): Promise<void> {
    const act = request.pendingAct
    if (act === null || act.written || !isWorthAnEntry(request, act)) return
    const known = { ...act }
    act.written = true
    database.unit?.afterRollback(() => Object.assign(act, known))
    noteAnswer(act, result)
    await log.record(entryOf(act, await outcome(request, act), false))
  }

  async function outcome(request: FastifyRequest, act: Pending) {
    if (request.method === 'GET' || act.id === null || act.reported !== null) return {}
    const after = await readState(act.kind, act.id)
    act.name = after?.name ?? act.name
    return changes(act.before?.state ?? null, after?.state ?? null)
  }
}

/** Has the log tell more of a request's act, however that ends. Never a secret. */
export function tellOfAct(request: FastifyRequest, reported: AuditState): void {
  if (request.pendingAct !== null)
    request.pendingAct.reported = { ...request.pendingAct.reported, ...reported }
}

/** Says which thing a request is about, where its path names it otherwise than by its id. */
export function aboutThing(request: FastifyRequest, { id, name }: { id: string; name: string }): void {
  if (request.pendingAct !== null) Object.assign(request.pendingAct, { id, name })
}

/** Has the log tell what a request asked for, if it is refused or fails. Never a secret. */
export function tellOfAttempt(request: FastifyRequest, attempted: AuditState): void {
  if (request.pendingAct !== null) request.pendingAct.attempted = attempted
}

function auditedAs(request: FastifyRequest): Audit | null {
  return request.routeOptions.config.audit ?? null
}

function isWorthAnEntry(request: FastifyRequest, { audit }: Pending): boolean {
  const signsIn = audit.actor !== undefined
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

function entryOf(act: Pending, outcome: Partial<Act>, refused: boolean): Act {
  const { audit, reported, signedIn } = act
  return {
    action: audit.action,
    object: act.id === null ? null : { kind: act.kind, id: act.id, name: act.name },
    ...outcome,
    ...(reported === null ? {} : { after: { ...outcome.after, ...reported } }),
    ...(signedIn === null || refused ? {} : { actor: { kind: 'user', ...signedIn } }),
  }
}

function pendingAct(request: FastifyRequest, audit: Audit): Pending {
  const kind = audit.action.split('.', 1)[0] ?? audit.action
  // What no text may be is refused by now, and could not be stored.
  const params = inputFaults(request.params, 'line').length === 0 ? request.params : {}
  const id = audit.subject === 'params.id' ? stringIn(params, 'id') : null
  const unknown = { name: '', before: null, reported: null, attempted: null, signedIn: null }
  return { audit, kind, id, ...unknown, written: false }
}

/** The thing and the person that the operation's answer names, where its declaration says that it does. */
function noteAnswer(act: Pending, answer: unknown): void {
  const { subject, actor } = act.audit
  const parts = subject.split('.')
  const thing = parts[0] === 'answer' ? propertyOf({ answer }, ...parts) : answer
  const id = stringIn(thing, 'id')
  if (parts[0] === 'answer') act.id ??= id
  // An answer that is the very thing tells its name.
  if (id !== null && id === act.id && act.name === '') {
    act.name = stringIn(thing, 'name') ?? stringIn(thing, 'email') ?? ''
  }
  if (actor !== undefined) act.signedIn = signedInSchema.safeParse(answer).data?.user ?? act.signedIn
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

function propertyOf(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, name) => (typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined),
    value,
  )
}

function stringIn(value: unknown, name: string): string | null {
  const found = propertyOf(value, name)
  return typeof found === 'string' ? found : null
}
