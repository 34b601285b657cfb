import { type Audit, type AuditEntry, type AuditState, inputFaults, userSchema } from '@latchwork/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Database } from '../database/database.ts'
import { addSendHook } from '../http/problem.ts'
import { changes, type ObjectState } from './changes.ts'
import type { Act, AuditLog, Origin } from './log.ts'

const signedInSchema = z.object({ user: userSchema })

/** The details of a request that are known before it ends. */
interface Pending {
  /** From the operation's declaration. */
  readonly audit: Audit
  readonly kind: string
  id: string | null
  name: string
  before: ObjectState | null
  /** Details from the handler, recorded whether the request succeeds or not. */
  reported: AuditState | null
  /** The values that the request asked for, recorded if it is refused or fails. */
  attempted: AuditState | null
  /** The person whom this request signed in. */
  signedIn: { id: string; name: string; email: string } | null
  written: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    pendingAct: Pending | null
    /** The error code of the answer. */
    problemCode: string | null
  }
}

export interface RecordingParts {
  readonly database: Pick<Database, 'unit'>
  /** The current state of a thing; null if it does not exist. */
  readState(kind: string, id: string): Promise<ObjectState | null>
  /** Throws if the request's person may no longer do what it asks for. */
  stillMay(request: FastifyRequest): Promise<void>
}

/**
 * Records every request of an operation with `audit`, refused ones too, with the state of its thing before and after.
 * The entry of a change is in the change's transaction; any other answer is sent only after its entry is committed.
 * Requests of unknown callers go only to the server's log, except sign-ins: a stranger could fill the disk with them.
 */
export function recordRequests(
  app: FastifyInstance,
  log: AuditLog,
  { database, readState, stillMay }: RecordingParts,
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
        stillMay: async () => {
          if (request.pendingAct?.written === false) await stillMay(request)
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
      // The request failed and its answer says so already, probably for the same reason.
      if (reply.statusCode < 500) throw error
      request.log.error({ err: error }, 'a request that failed is not in the audit log')
    }
    return payload
  })

  /**
   * Records success in the unit of work that made the change; a rollback undoes both.
   * @param result the answer, or a row with the same fields for the thing
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

/** Adds details to the request's entry, whether it succeeds or not. Never a secret. */
export function tellOfAct(request: FastifyRequest, reported: AuditState): void {
  if (request.pendingAct !== null)
    request.pendingAct.reported = { ...request.pendingAct.reported, ...reported }
}

/** Says which thing a request is about, if its path does not hold the thing's id. */
export function aboutThing(request: FastifyRequest, { id, name }: { id: string; name: string }): void {
  if (request.pendingAct !== null) Object.assign(request.pendingAct, { id, name })
}

/** Says what the request asked for; the entry shows it if the request is refused or fails. Never a secret. */
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
  // Parameters that break the rule for texts could not be stored; the request is refused for them.
  const params = inputFaults(request.params, 'line').length === 0 ? request.params : {}
  const id = audit.subject === 'params.id' ? stringIn(params, 'id') : null
  const unknown = { name: '', before: null, reported: null, attempted: null, signedIn: null }
  return { audit, kind, id, ...unknown, written: false }
}

/** Takes the thing and the person from the answer, if the operation's `audit` says that they are in it. */
function noteAnswer(act: Pending, answer: unknown): void {
  const { subject, actor } = act.audit
  const parts = subject.split('.')
  const thing = parts[0] === 'answer' ? propertyOf({ answer }, ...parts) : answer
  const id = stringIn(thing, 'id')
  if (parts[0] === 'answer') act.id ??= id
  // If the answer is the thing itself, it holds the name.
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
