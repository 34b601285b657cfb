import { z } from 'zod'
import { type HttpAnswer, type HttpRequest, jsonAnswer } from '../http/http.ts'
import type { Json } from '../json.ts'
import type { World } from '../world.ts'
import type { SandboxControl } from './control.ts'

export const CONTROL_ROOT = '/__control/'

/** The control interface over HTTP: `POST /__control/COMMAND` with a JSON object. */
export interface ControlApi {
  answer(request: HttpRequest): HttpAnswer
}

const json: z.ZodType<Json> = z.json()
const record = z.record(z.string(), json)
const reference = { organizationId: z.string().exactOptional(), type: z.string(), id: z.string() }

const faultSchema = z.strictObject({
  target: z.string(),
  method: z.string().exactOptional(),
  kind: z.enum(['status', 'nonsense', 'hang', 'drop', 'delay', 'cut', 'omit', 'twice']),
  when: z.enum(['before', 'after']).exactOptional(),
  times: z.int().positive().exactOptional(),
  skip: z.int().nonnegative().exactOptional(),
  status: z.int().min(100).max(599).exactOptional(),
  body: z.string().exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  delayMs: z.number().nonnegative().exactOptional(),
  containing: z.string().exactOptional(),
  members: z.array(z.string()).exactOptional(),
})

const mergeSchema = z.strictObject({
  organizationId: z.string().exactOptional(),
  source: z.string(),
  destination: z.string(),
  keepDates: z.boolean().exactOptional(),
})

const mutationSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('edit'), ...reference, changes: record }),
  z.strictObject({ action: z.literal('delete'), ...reference }),
  z.strictObject({
    action: z.literal('insert'),
    organizationId: z.string().exactOptional(),
    type: z.string(),
    record,
  }),
  mergeSchema.extend({ action: z.literal('merge') }),
])

const refusalSchema = z.strictObject({
  path: z.string(),
  method: z.string().exactOptional(),
  status: z.union([z.literal(402), z.literal(403)]),
  error: z.string().exactOptional(),
  organizationId: z.string().exactOptional(),
})

const rateLimitSchema = z.strictObject({
  limit: z.int().positive(),
  windowSeconds: z.number().positive().exactOptional(),
  organizationLimit: z.int().positive().exactOptional(),
  headers: z.enum(['comma', 'semicolon', 'separate', 'x-rate-limit', 'none']).exactOptional(),
  retryAfter: z.union([z.boolean(), z.literal('date')]).exactOptional(),
})

const reuseSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('refuse') }),
  z.strictObject({ mode: z.literal('revoke_family') }),
  z.strictObject({ mode: z.literal('grace'), seconds: z.number().nonnegative() }),
])

type Command = (body: unknown) => unknown

function command<T>(schema: z.ZodType<T>, run: (options: T) => unknown): Command {
  return (body) => run(schema.parse(body))
}

/** The commands by name. Each calls the method of `SandboxControl` with the corresponding name. */
function commandsOf(control: SandboxControl): Readonly<Record<string, Command>> {
  return {
    faults: command(faultSchema, (options) => control.addFault(options)),
    'refresh-reuse': command(reuseSchema, (reuse) => control.setRefreshReuse(reuse)),
    'access-token-lifetime': command(z.strictObject({ seconds: z.number().positive() }), ({ seconds }) =>
      control.setAccessTokenLifetime(seconds),
    ),
    'expire-access-tokens': command(z.strictObject({}), () => control.expireAccessTokens()),
    'revoke-grants': command(
      z.strictObject({ grantId: z.string().exactOptional(), clientId: z.string().exactOptional() }),
      (which) => control.revokeGrants(which),
    ),
    'create-oauth-app': command(
      z.strictObject({ name: z.string().min(1), redirectUris: z.array(z.string()) }),
      ({ name, redirectUris }) => control.createOAuthApp(name, redirectUris),
    ),
    'register-redirect-uri': command(
      z.strictObject({ clientId: z.string(), uri: z.string() }),
      ({ clientId, uri }) => control.registerRedirectUri(clientId, uri),
    ),
    'client-secret': command(
      z.strictObject({ clientId: z.string(), clientSecret: z.string().min(1) }),
      ({ clientId, clientSecret }) => control.setClientSecret(clientId, clientSecret),
    ),
    authorize: command(
      z.strictObject({
        clientId: z.string(),
        userId: z.string().exactOptional(),
        organizationId: z.string().exactOptional(),
        redirectUri: z.string().exactOptional(),
        codeChallenge: z.string().exactOptional(),
      }),
      (options) => ({ code: control.authorize(options) }),
    ),
    'create-key': command(z.strictObject({ userId: z.string(), organizationId: z.string() }), (options) =>
      control.createKey(options.userId, options.organizationId),
    ),
    'delete-key': command(z.strictObject({ keyId: z.string() }), ({ keyId }) => control.deleteKey(keyId)),
    'enable-key': command(z.strictObject({ keyId: z.string(), enabled: z.boolean() }), ({ keyId, enabled }) =>
      control.setKeyEnabled(keyId, enabled),
    ),
    'move-key': command(z.strictObject({ keyId: z.string(), organizationId: z.string() }), (options) =>
      control.moveKey(options.keyId, options.organizationId),
    ),
    'activate-user': command(
      z.strictObject({ userId: z.string(), active: z.boolean() }),
      ({ userId, active }) => control.setUserActive(userId, active),
    ),
    'move-user': command(z.strictObject({ userId: z.string(), organizationId: z.string() }), (options) =>
      control.moveUser(options.userId, options.organizationId),
    ),
    'advance-clock': command(z.strictObject({ milliseconds: z.number() }), ({ milliseconds }) => {
      control.advanceClock(milliseconds)
      return { now: new Date(control.now()).toISOString() }
    }),
    latency: command(z.strictObject({ milliseconds: z.number().nonnegative() }), ({ milliseconds }) =>
      control.setLatency(milliseconds),
    ),
    'rate-limit': command(rateLimitSchema.nullable(), (options) => control.setRateLimit(options && options)),
    'event-lag': command(z.strictObject({ milliseconds: z.number().nonnegative() }), ({ milliseconds }) =>
      control.setEventLag(milliseconds),
    ),
    timestamps: command(
      z.strictObject({ spelling: z.enum(['documented', 'offset', 'naive', 'zulu']) }),
      ({ spelling }) => control.setTimestamps(spelling),
    ),
    'keep-from-search': command(
      z.strictObject({ ...reference, milliseconds: z.number().nonnegative() }),
      (options) => control.keepFromSearch(options),
    ),
    refuse: command(refusalSchema, (refusal) => control.refuse(refusal)),
    merge: command(mergeSchema, (merge) => control.merge(merge)),
    mutate: command(z.union([mutationSchema, z.array(mutationSchema)]), (mutations) => {
      for (const mutation of [mutations].flat()) control.mutate(mutation)
    }),
    'bulk-edit': command(
      z.strictObject({
        organizationId: z.string().exactOptional(),
        type: z.string(),
        ids: z.array(z.string()),
        changes: record,
      }),
      (options) => control.bulkEdit(options),
    ),
    'on-list-page': command(
      z.strictObject({
        path: z.string(),
        method: z.string().exactOptional(),
        afterPages: z.int().positive(),
        repeat: z.boolean().exactOptional(),
        do: z.array(mutationSchema),
      }),
      ({ do: mutations, ...script }) => control.onListPage({ ...script, do: mutations }),
    ),
  }
}

/** Serves the control interface. It has no authentication: it is for a developer's own machine. */
export function createControlApi(world: World, control: SandboxControl): ControlApi {
  const commands = commandsOf(control)
  return {
    answer: (request) => {
      try {
        return route(request, world, control, commands)
      } catch (error) {
        if (error instanceof z.ZodError) return jsonAnswer(400, { error: z.prettifyError(error) })
        if (error instanceof SyntaxError) return jsonAnswer(400, { error: 'The body is not JSON.' })
        return jsonAnswer(400, { error: error instanceof Error ? error.message : 'The command failed.' })
      }
    },
  }
}

function route(
  request: HttpRequest,
  world: World,
  control: SandboxControl,
  commands: Readonly<Record<string, Command>>,
): HttpAnswer {
  const name = request.url.pathname.slice(CONTROL_ROOT.length).replace(/\/$/, '')
  const { searchParams } = request.url
  switch (`${request.method} ${name.split('/')[0]}`) {
    case 'GET ':
      return plain(stateOf(world, control, Object.keys(commands)))
    case 'GET requests':
      return plain({ requests: control.requests() })
    case 'DELETE requests':
      control.clearRequests()
      return plain({})
    case 'GET faults':
      return plain({ faults: control.pendingFaults() })
    case 'DELETE faults':
      control.clearFaults()
      return plain({})
    case 'DELETE refuse':
      control.clearRefusals()
      return plain({})
    case 'DELETE on-list-page':
      control.clearListPageScripts()
      return plain({})
    case 'GET truth': {
      const organizationId = searchParams.get('organization_id') ?? [...world.organizations.keys()][0] ?? ''
      return plain({ data: control.truth(organizationId, name.split('/')[1] ?? '') })
    }
  }
  const run = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!run) return jsonAnswer(404, { error: `There is no command ${name}.`, commands: Object.keys(commands) })
  if (request.method !== 'POST') return jsonAnswer(405, { error: 'Commands are sent with POST.' })
  return plain(run(request.body === '' ? {} : JSON.parse(request.body)) ?? {})
}

function stateOf(
  { accounts, organizations, grants, latencyMs }: World,
  control: SandboxControl,
  commands: string[],
) {
  return {
    now: new Date(control.now()).toISOString(),
    latencyMs,
    organizations: [...organizations.values()].map(({ id, record: { name } }) => ({ id, name })),
    users: [...accounts.users.values()],
    apiKeys: accounts.keys(),
    oauthApps: [...grants.apps.values()],
    grants: control.grants(),
    faults: control.pendingFaults(),
    commands,
  }
}

function plain(value: unknown): HttpAnswer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}
