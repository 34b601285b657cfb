import { isPassObject, type PassPath, type PassRules, passObject, passObjectNames } from '@latchwork/contract'
import { z } from 'zod'
import { changes, type Operation, operations } from '../rules/operations.ts'
import { activityPaths, queryOf, recordPaths, settingPaths } from './records.ts'
import {
  creates,
  defineTool,
  type May,
  namesOf,
  overwrites,
  reads,
  type Tool,
  type ToolRequest,
} from './tool.ts'

/* The rest of Close's endpoints, for which there is no tool of their own: one tool says which there are, two call them. */

type Method = ToolRequest['method']

/** An endpoint of the catalogue, or one that a pass was given by hand. */
interface Endpoint {
  readonly method: Method
  readonly path: string
  readonly changes: boolean
}

const known: readonly (Endpoint & { readonly operation: Operation })[] = operations.flatMap((operation) => {
  const { method, path } = operation
  return isMethod(method) ? [{ method, path, changes: changes(operation), operation }] : []
})

/** Endpoints that were given by hand. */
const byHandName = 'by_hand'

/** What the other tools do. */
const covered: ReadonlySet<string> = new Set([
  'POST /data/search/',
  ...[recordPaths, activityPaths, settingPaths].flatMap((paths) =>
    Object.values<string>(paths).flatMap((path) => [
      `GET ${path}`,
      `GET ${path}{id}/`,
      `PUT ${path}{id}/`,
      `DELETE ${path}{id}/`,
    ]),
  ),
  ...[
    'lead',
    'contact',
    'opportunity',
    'task',
    'activity/note',
    'activity/call',
    'activity/email',
    'activity/sms',
  ].map((name) => `POST /${name}/`),
])

const name = z
  .string()
  .max(300)
  .regex(/^(GET|POST|PUT|DELETE) \/[\w/{}.-]+\/$/, 'is not written as "GET /lead/{id}/"')
const part = z.string().regex(/^[\w.@+-]{1,200}$/, 'is not a part of a path')
const value = z.union([z.string().max(5000), z.number(), z.boolean()])
const called = {
  endpoint: name.describe('as describe_endpoints writes it, such as "GET /lead/{id}/"'),
  path: z.record(z.string().max(100), part).describe('values for the {parts} of its path').optional(),
  query: z.record(z.string().max(100), value).optional(),
}
const sent = { body: z.record(z.string(), z.unknown()).optional() }

/** @param wanted whether it changes something */
function others(may: May, rules: PassRules | undefined, wanted: boolean): boolean {
  const byHand = (rules?.paths ?? []).some((each) => changesByHand(each) === wanted)
  return byHand || known.some((each) => each.changes === wanted && !isCovered(each) && allows(may, each))
}

const readEndpoint = defineTool({
  name: 'read_endpoint',
  title: 'Read an endpoint',
  description: 'Reads from an endpoint of Close that has no tool of its own, such as a report.',
  hints: reads,
  input: (may, pass) =>
    pass === null || others(may, pass.rules, false) ? z.strictObject({ ...called, ...sent }) : null,
  work: (input) => ({ request: requestOf(input, false) }),
})

const writeEndpoint = defineTool({
  name: 'write_endpoint',
  title: 'Write to an endpoint',
  description: 'Changes something through an endpoint of Close that has no tool of its own.',
  hints: { ...overwrites, idempotentHint: creates.idempotentHint },
  input: (may, pass) =>
    pass === null || others(may, pass.rules, true) ? z.strictObject({ ...called, ...sent }) : null,
  work: (input) => ({ request: requestOf(input, true) }),
})

const describeEndpoints = defineTool({
  name: 'describe_endpoints',
  title: 'Describe endpoints',
  description:
    'Which endpoints of Close read_endpoint and write_endpoint may call for one kind of object. Asks nothing of Close.',
  hints: reads,
  input: (may, pass) => {
    if (pass !== null && !others(may, pass.rules, false) && !others(may, pass.rules, true)) return null
    const objects = namesOf([...passObjectNames, byHandName] as const, (object) =>
      object === byHandName
        ? (pass?.rules.paths ?? []).length > 0 || pass === null
        : known.some((each) => isOf(each.operation, object) && !isCovered(each) && allows(may, each)),
    )
    return objects === null ? null : z.strictObject({ object: objects })
  },
  work: ({ object }) => ({
    words: ({ may, rules }) => {
      if (!isPassObject(object))
        return inLines((rules.paths ?? []).map(({ method, path }) => `${method} ${path}`))
      const found = known.filter((each) => isOf(each.operation, object) && allows(may, each))
      return `${passObject(object).label}:\n${inLines(found.map(described))}`
    },
  }),
})

export const endpointTools: readonly Tool[] = [describeEndpoints, readEndpoint, writeEndpoint]

function isOf({ needs, answers }: Operation, object: string): boolean {
  return answers === object || needs.some((each) => each.object === object)
}

function isCovered({ method, path }: Endpoint): boolean {
  return covered.has(`${method} ${path}`)
}

function allows(may: May, { method, path }: Endpoint): boolean {
  return may({ method, path: path.replaceAll(/\{\w+\}/g, 'id') })
}

function described({ method, path }: Endpoint): string {
  const query = queryOf(method, path)
  return query.length === 0 ? `${method} ${path}` : `${method} ${path} (query: ${query.join(', ')})`
}

function inLines(lines: readonly string[]): string {
  return lines.length === 0 ? 'None that this pass may call.' : lines.join('\n')
}

function changesByHand({ method, path }: PassPath): boolean {
  const operation = operations.find((each) => each.method === method && each.path === path)
  return operation === undefined ? method !== 'GET' : changes(operation)
}

interface Given {
  readonly endpoint: string
  readonly path?: Readonly<Record<string, string>> | undefined
  readonly query?: Readonly<Record<string, string | number | boolean>> | undefined
  readonly body?: Readonly<Record<string, unknown>> | undefined
}

/**
 * @param mayChange whether the tool is one that changes something
 * @throws {z.ZodError} for a part of the path that is missing, and for an endpoint of the other tool
 */
function requestOf({ endpoint, path: parts = {}, query = {}, body }: Given, mayChange: boolean): ToolRequest {
  const [method = '', template = ''] = endpoint.split(' ')
  const isKnown = known.find((each) => each.method === method && each.path === template)
  const isChange = isKnown?.changes ?? method !== 'GET'
  if (!isMethod(method) || isChange !== mayChange) {
    throw fault(
      'endpoint',
      mayChange ? 'only reads: call read_endpoint' : 'changes something: call write_endpoint',
    )
  }
  const path = template.replaceAll(/\{(\w+)\}/g, (_, key: string) => {
    const given = parts[key]
    if (given === undefined) throw fault(`path.${key}`, 'is missing')
    return given
  })
  const texts = Object.fromEntries(Object.entries(query).map(([key, each]) => [key, String(each)]))
  return { method, path, query: texts, ...(body === undefined ? {} : { body }) }
}

function fault(field: string, message: string): z.ZodError {
  return new z.ZodError([{ code: 'custom', path: field.split('.'), message, input: undefined }])
}

function isMethod(method: string): method is Method {
  return ['GET', 'POST', 'PUT', 'DELETE'].includes(method)
}
