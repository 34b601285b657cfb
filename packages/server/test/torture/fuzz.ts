import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { startSandbox } from 'close-sandbox'
import * as fc from 'fast-check'
import type { Answer, Browser } from '../browser.ts'
import { makePostgresPlace } from '../database/database.ts'
import { runFlow } from '../flows/moving.ts'
import { programOf } from '../identity/joining.ts'
import { type Running, startRunning } from '../running.ts'
import { type Operation, Requests, readDescription, Seen } from './described.ts'
import type { Request } from './mutations.ts'
import type { StoreKind } from './places.ts'

interface Fuzzed {
  /** One line each. */
  readonly faults: readonly string[]
  readonly operations: number
  /**
   * Whether at least two in five operations did what they are for, at least once. The others need what a description can't
   * say: a password, a code, a record in doubt.
   */
  readonly manySucceeded: boolean
}

/** The library needs seconds to derive a key from a passphrase, and blocks the process meanwhile. */
const slow: ReadonlySet<string> = new Set(['backupCreate'])

/**
 * Every operation of the description with requests that it allows and with others, on a server that has one of each
 * thing. Each answer has a status, a media type, a code and a body that the description has for it; none is a fault of
 * the server.
 * @param each requests of one operation, half of them valid
 */
export async function fuzz(
  store: StoreKind,
  { each, seed }: { each: number; seed: number },
): Promise<Fuzzed> {
  const sandbox = await startSandbox({ leads: 3 })
  const place = store === 'postgres' ? await makePostgresPlace() : null
  const settings = place === null ? {} : { databaseUrl: place.settings.databaseUrl }
  const server = await startRunning(sandbox, { settings })
  try {
    const person = await server.signedIn()
    const seen = new Seen()
    seen.note(await makeThings(person, sandbox.apiKeys[0]?.key ?? ''))
    return await fuzzServer(server, seen, { each, seed })
  } finally {
    await server.stop()
    await place?.remove()
    await sandbox.close()
  }
}

async function makeThings({ client }: Browser, apiKey: string): Promise<unknown> {
  const values = { apiKey }
  const close = { connector: 'close', method: 'api_key', name: 'Key', values }
  const credential = await client.credentials.create({ body: close })
  const { id: credentialId } = credential
  const config = { object: 'leads' }
  const source = await client.sources.create({
    body: { connector: 'close', credentialId, name: 'In', config },
  })
  const file = { file: 'out.jsonl', format: 'jsonl' }
  const destination = await client.destinations.create({
    body: { connector: 'files', credentialId: null, name: 'Out', config: file },
  })
  const makeMoved = async (name: string) => {
    const sides = { sourceId: source.id, destinationId: destination.id }
    const { id } = await client.flows.create({ body: { name, ...sides } })
    const run = await runFlow(client, id)
    return { flow: await client.flows.get({ params: { id } }), run }
  }
  // More than one, since some requests delete what others ask for.
  const moved = [await makeMoved('Flow'), await makeMoved('Flow 2'), await makeMoved('Flow 3')]
  const invited = await client.invitations.create({
    body: { email: 'lark@hollowoak.example', role: 'member' },
  })
  const things = { credential, source, destination, moved, values, config }
  return { ...things, file: 'out.jsonl', close, invited }
}

async function fuzzServer(
  server: Running,
  seen: Seen,
  { each, seed }: { each: number; seed: number },
): Promise<Fuzzed> {
  const browser = server.browser()
  let token = (await programOf(server, await server.signedIn())).token
  const ask = (method: string, { path, type, body }: Request): Promise<Answer> =>
    browser.fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(type === null ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body }),
    })
  const { body: text } = await ask('GET', { path: '/api/openapi.json', type: null, body: undefined })
  const { document, operations } = readDescription(text)
  const requests = new Requests(document, seen)
  const judge = judgeOf(document)
  const faults: string[] = []
  const succeeded = new Set<string>()
  let count = 0
  // In turns, so that what one operation makes is there for the others.
  for (let turn = 0; turn < each; turn++) {
    for (const operation of operations) {
      if (turn > 0 && slow.has(operation.operationId)) continue
      const made = turn % 2 === 0 ? requests.valid(operation) : requests.mutated(operation)
      const [request] = fc.sample(made, { seed: seed + count++, numRuns: 1 })
      if (request === undefined) continue
      const answer = await ask(operation.method, request)
      const fault = judge(operation, answer)
      const { method, operationId } = operation
      if (fault !== null) {
        faults.push(
          `${operationId}: ${method} ${request.path} ${request.body ?? ''}: ${answer.status}, ${fault}`.slice(
            0,
            600,
          ),
        )
      }
      if (answer.status < 300) {
        succeeded.add(operationId)
        if (mediaType(answer) === 'application/json') seen.note(JSON.parse(answer.body))
      }
      // It may have been revoked by its own request, or its member removed from what it may.
      if (answer.status === 401) token = (await programOf(server, await server.signedIn())).token
    }
  }
  return { faults, operations: operations.length, manySucceeded: succeeded.size > operations.length * 0.4 }
}

/** Says what is wrong with an answer by the description; null if nothing is. */
function judgeOf(document: object): (operation: Operation, answer: Answer) => string | null {
  const ajv = new Ajv2020({ strict: false, allErrors: false })
  formats.default(ajv)
  ajv.addSchema({ ...document, $id: 'api' })
  const compiled = new Map<string, ValidateFunction>()
  return (operation, answer) => {
    const described = operation.responses[answer.status]
    if (described === undefined) return `which is not described: ${answer.body.slice(0, 200)}`
    if (described.content === undefined) return answer.body === '' ? null : 'a body that is not described'
    const type = mediaType(answer)
    const content = described.content[type]
    if (content === undefined) return `of a type that is not described: ${type}`
    if (!type.endsWith('json')) return null
    const body: unknown = JSON.parse(answer.body)
    const name = String(content.schema['$ref'])
    const validate = compiled.get(name) ?? ajv.compile({ $ref: `api${name}` })
    compiled.set(name, validate)
    if (!validate(body)) return `a body that is no ${name}: ${ajv.errorsText(validate.errors)}`
    if (answer.status < 400) return null
    const code: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'code') : null
    if (answer.status === 500 || code === 'storage_unavailable') return `a fault of the server: ${code}`
    return described.description.includes(`\`${code}\``) ? null : `a code that is not described: ${code}`
  }
}

function mediaType({ headers }: Answer): string {
  const type = headers['content-type']
  return typeof type === 'string' ? (type.split(';', 1)[0] ?? '') : ''
}
