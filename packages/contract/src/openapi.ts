import { z } from 'zod'
import { errorsOf, successStatuses } from './answers.ts'
import { type Endpoint, jsonType } from './endpoint.ts'
import { endpoints, streams } from './endpoints.ts'
import { errorCatalogue } from './errors/catalogue.ts'
import { problemSchema } from './errors.ts'
import * as contract from './index.ts'

/** JSON, as far as the document needs to know. */
type Json = { readonly [name: string]: unknown }
type Io = 'input' | 'output'

/** One operation of the API by the name that a generated client calls it: `credentialsCreate`. */
export interface Operation {
  readonly id: string
  readonly endpoint: Endpoint
}

/** Every operation that the document describes. */
export const operations: readonly Operation[] = [endpoints, streams].flatMap((groups) =>
  Object.entries<Readonly<Record<string, Endpoint>>>(groups).flatMap(([group, named]) =>
    Object.entries(named).map(([name, endpoint]) => ({ id: `${group}${capital(name)}`, endpoint })),
  ),
)

/** `flowCreateSchema` is described as `FlowCreate`. */
const exported = Object.entries(contract).flatMap(([name, value]): [string, z.ZodType][] => {
  const schema: unknown = value
  const named =
    schema instanceof z.ZodObject || schema instanceof z.ZodEnum || schema instanceof z.ZodDiscriminatedUnion
  return named && name.endsWith('Schema') ? [[capital(name.slice(0, -'Schema'.length)), schema]] : []
})

/**
 * The API as OpenAPI 3.1, made of the contract alone. Bodies are as strict as the server; answers may get more fields.
 * @param described.sessionCookieName the cookie that a browser is signed in by
 * @see https://spec.openapis.org/oas/v3.1.1
 */
export function openApiDocument(described: {
  readonly version: string
  readonly publicUrl: string
  readonly sessionCookieName: string
}): Json {
  const schemas = new Schemas()
  const paths: Record<string, Record<string, Json>> = {}
  for (const operation of operations) {
    const { method, path } = operation.endpoint
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(operation, schemas) }
  }
  const tags = [...new Set(operations.map(({ endpoint }) => tagOf(endpoint)))].sort()
  return {
    openapi: '3.1.0',
    info: {
      title: 'Latchwork',
      version: described.version,
      description: 'Keeps Close credentials and moves records with them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: described.publicUrl }],
    security: [{ token: [] }, { session: [] }],
    tags: tags.map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.components(),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token' },
        session: { type: 'apiKey', in: 'cookie', name: described.sessionCookieName },
      },
    },
  }
}

function describe({ id, endpoint }: Operation, schemas: Schemas): Json {
  const { summary, access, body, bodyType, response, answerType } = endpoint
  const name = capital(id)
  const takesBody = !(body instanceof z.ZodUndefined)
  const success = {
    description: response instanceof z.ZodUndefined ? 'Done' : summary,
    ...(response instanceof z.ZodUndefined
      ? {}
      : { content: content(answerType, response, `${name}Answer`, 'output', schemas) }),
  }
  return {
    operationId: id,
    summary,
    tags: [tagOf(endpoint)],
    ...(access === 'public' ? { security: [] } : {}),
    parameters: [...parameters(endpoint, 'path', schemas), ...parameters(endpoint, 'query', schemas)],
    ...(takesBody
      ? {
          requestBody: {
            required: !isOptional(body),
            content: content(bodyType, body, `${name}Body`, 'input', schemas),
          },
        }
      : {}),
    responses: {
      ...Object.fromEntries(successStatuses(endpoint).map((status) => [status, success])),
      ...refusals(endpoint, schemas),
    },
  }
}

function content(type: string, schema: z.ZodType, name: string, io: Io, schemas: Schemas): Json {
  const described = type === jsonType ? schemas.refer(schema, name, io) : { type: 'string', format: 'binary' }
  return { [type]: { schema: described } }
}

function parameters(endpoint: Endpoint, place: 'path' | 'query', schemas: Schemas): Json[] {
  const { properties, required } = schemas.parts(place === 'path' ? endpoint.params : endpoint.query)
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }))
}

/** A problem for each status, with the codes that it may have. */
function refusals(endpoint: Endpoint, schemas: Schemas): Json {
  const byStatus = Map.groupBy(errorsOf(endpoint), (code) => errorCatalogue[code].status)
  const schema = schemas.refer(problemSchema, 'Problem', 'output')
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${errorCatalogue[code].title}`).join('\n\n'),
        content: { 'application/problem+json': { schema } },
      },
    ]),
  )
}

/** The parameters of every operation, each schema under a name that the document never shows. */
const parameterSchemas = new Map(
  operations
    .flatMap(({ endpoint }) => [endpoint.params, endpoint.query])
    .map((schema, at): [z.ZodType, string] => [schema, `Parameters ${at}`]),
)

const describedSchema = z.looseObject({
  properties: z.record(z.string(), z.looseObject({})).default({}),
  required: z.array(z.string()).default([]),
})

/** The schemas of the document, each once under its name. */
class Schemas {
  readonly #names = { input: z.registry<{ id: string }>(), output: z.registry<{ id: string }>() }
  readonly #used = { input: new Set<string>(), output: new Set<string>() }
  /** Converted once for all: each conversion goes through the whole contract. */
  readonly #parameters: Record<string, Json>

  constructor() {
    for (const [id, schema] of exported) {
      this.#names.input.add(schema, { id })
      this.#names.output.add(schema, { id })
    }
    const registry = z.registry<{ id: string }>()
    for (const [id, schema] of exported) if (!parameterSchemas.has(schema)) registry.add(schema, { id })
    for (const [schema, id] of parameterSchemas) registry.add(schema, { id })
    this.#parameters = toJson(registry, 'input')
  }

  /** @param name of a schema that the contract does not export */
  refer(schema: z.ZodType, name: string, io: Io): Json {
    const id = this.#names[io].get(schema)?.id ?? name
    this.#names[io].add(schema, { id })
    this.#used[io].add(id)
    return { $ref: refOf(id) }
  }

  /** The properties of an object schema, for parameters. */
  parts(schema: z.ZodType): z.output<typeof describedSchema> {
    const described = describedSchema.parse(this.#parameters[parameterSchemas.get(schema) ?? ''])
    for (const id of namesIn(described)) this.#used.input.add(id)
    return described
  }

  /** The schemas that the operations need, by name. @throws Error if a name means one thing in a body and another in an answer */
  components(): Json {
    const [bodies, answers] = [this.#reached('input'), this.#reached('output')]
    for (const [id, schema] of bodies) {
      const answered = answers.get(id)
      if (answered !== undefined && JSON.stringify(answered) !== JSON.stringify(schema)) {
        throw new Error(`${id} differs in bodies and in answers: name two schemas`)
      }
    }
    return Object.fromEntries([...bodies, ...answers].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #reached(io: Io): Map<string, Json> {
    const all = toJson(this.#names[io], io)
    const reached = new Map<string, Json>()
    const waiting = [...this.#used[io]]
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const schema = all[id]
      if (schema === undefined || reached.has(id)) continue
      reached.set(id, schema)
      waiting.push(...namesIn(schema))
    }
    return reached
  }
}

function namesIn(described: unknown): string[] {
  return [...JSON.stringify(described).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, id = '']) => id)
}

function toJson(registry: z.core.$ZodRegistry<{ id: string }>, io: Io): Record<string, Json> {
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri: refOf,
    metadata: z.globalRegistry,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // An answer may get more fields, which must break no client.
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema]),
  )
}

function refOf(id: string): string {
  return `#/components/schemas/${id}`
}

function tagOf({ path }: Endpoint): string {
  return path.split('/')[2] ?? 'api'
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

/** Whether a request may come without a body. */
function isOptional(body: z.ZodType): boolean {
  return body.safeParse(undefined).success
}
