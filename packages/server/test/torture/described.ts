import * as fc from 'fast-check'
import { z } from 'zod'
import { mutations, type Request } from './mutations.ts'

/* The API as its description has it, and requests made up from that alone. */

const schemaSchema = z.looseObject({})
type Schema = z.infer<typeof schemaSchema>

const contentSchema = z.record(z.string(), z.looseObject({ schema: schemaSchema }))
const operationSchema = z.looseObject({
  operationId: z.string(),
  parameters: z.array(
    z.looseObject({
      name: z.string(),
      in: z.enum(['path', 'query']),
      required: z.boolean(),
      schema: schemaSchema,
    }),
  ),
  requestBody: z.looseObject({ content: contentSchema }).optional(),
  responses: z.record(
    z.string(),
    z.looseObject({ description: z.string(), content: contentSchema.optional() }),
  ),
})
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), schemaSchema) }),
})

export type Described = z.infer<typeof documentSchema>
export interface Operation extends z.infer<typeof operationSchema> {
  readonly method: string
  readonly path: string
}

export function readDescription(text: string): { document: Described; operations: Operation[] } {
  const document = documentSchema.parse(JSON.parse(text))
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  )
  return { document, operations }
}

/** Fields that must be true of the server's state. Made-up values would make every request a conflict. */
const preconditions: ReadonlySet<string> = new Set(['was'])

/** Values that were seen in answers, by the name of their field and by the prefix of an id. */
export class Seen {
  readonly #values = new Map<string, string[]>()

  /** Notes every value of a name in an answer, and ids by their kinds too. */
  note(value: unknown, name = ''): void {
    if (typeof value === 'object' && value !== null) {
      if (!Array.isArray(value) && name !== '') this.#add(name, JSON.stringify(value))
      for (const [key, inner] of Object.entries(value)) this.note(inner, Array.isArray(value) ? name : key)
      return
    }
    this.#add(name, JSON.stringify(value))
    const prefix = typeof value === 'string' ? /^([a-z]+)_[0-9A-Za-z]{22}$/.exec(value)?.[1] : undefined
    if (prefix !== undefined) this.#add(`${prefix}_`, JSON.stringify(value))
  }

  /** As it was seen: parsed again each time. */
  of(name: string): unknown[] {
    return (this.#values.get(name) ?? []).map((text): unknown => JSON.parse(text))
  }

  #add(name: string, text: string): void {
    const known = this.#values.get(name) ?? []
    if (known.includes(text) || text.length > 2000) return
    this.#values.set(name, [...known.slice(-11), text])
  }
}

const odd = [
  '',
  ' ',
  '0',
  'null',
  'ünïcödé 你好 😀',
  '\u202eabc',
  '..',
  '%',
  '/',
  "'; drop table flows--",
  '\u0000',
  '\ud800',
]

/** Makes up requests of one operation. */
export class Requests {
  readonly #document: Described
  readonly #seen: Seen
  /** Texts by their pattern: to make one costs as much as hundreds of values of it. */
  readonly #texts = new Map<string, fc.Arbitrary<string>>()

  constructor(document: Described, seen: Seen) {
    this.#document = document
    this.#seen = seen
  }

  /** One that the description allows. */
  valid({ path, parameters, requestBody }: Operation): fc.Arbitrary<Request> {
    const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [null, null]
    return fc
      .record({
        values: fc.tuple(...parameters.map((parameter) => this.#parameter(parameter))),
        body: content === null ? fc.constant(undefined) : this.#value(content.schema, '', 0),
      })
      .map(({ values, body }) => {
        const given = parameters.map((parameter, at) => ({ ...parameter, value: values[at] }))
        const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
          encode(given.find((each) => each.in === 'path' && each.name === name)?.value),
        )
        const query = given
          .filter((each) => each.in === 'query' && each.value !== undefined)
          .map(({ name, value }) => `${name}=${encode(value)}`)
        const text =
          type === 'application/json' ? JSON.stringify(body) : body === undefined ? undefined : String(body)
        return { path: filled + (query.length === 0 ? '' : `?${query.join('&')}`), type, body: text }
      })
  }

  /** One with something wrong with it. */
  mutated(operation: Operation): fc.Arbitrary<Request> {
    return fc
      .tuple(this.valid(operation), fc.constantFrom(...mutations), fc.nat(1000))
      .map(([request, change, at]) => change(request, at))
  }

  #parameter({ name, required, schema }: Operation['parameters'][number]): fc.Arbitrary<unknown> {
    const value = this.#value(schema, name, 0).filter((each) => each !== '' || !required)
    return required ? value : fc.option(value, { nil: undefined, freq: 2 })
  }

  #value(schema: Schema, name: string, depth: number): fc.Arbitrary<unknown> {
    const { $ref: ref, anyOf, oneOf, enum: values, const: only } = schema
    if (typeof ref === 'string') {
      const target = this.#document.components.schemas[ref.split('/').at(-1) ?? '']
      return this.#value(target ?? {}, name, depth)
    }
    if (only !== undefined) return fc.constant(only)
    if (Array.isArray(values)) return fc.constantFrom(...values)
    for (const choice of [anyOf, oneOf]) {
      if (Array.isArray(choice))
        return fc.oneof(...choice.map((each: Schema) => this.#value(each, name, depth)))
    }
    const made = this.#ofType(schema, name, depth)
    const known = this.#seen.of(prefixOf(schema) ?? name).filter((value) => fits(schema, value))
    if (known.length === 0) return made
    return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: made })
  }

  #ofType(schema: Schema, name: string, depth: number): fc.Arbitrary<unknown> {
    const types = [schema['type']].flat()
    if (types.length > 1)
      return fc.oneof(...types.map((type) => this.#ofType({ ...schema, type }, name, depth)))
    const [least, most] = [numberIn(schema, 'minimum') ?? -1e6, numberIn(schema, 'maximum') ?? 1e6]
    switch (types[0]) {
      case 'string':
        return this.#text(schema)
      case 'integer':
        return fc.integer({ min: Math.max(least, -1e9), max: Math.min(most, 1e9) })
      case 'number':
        return fc.double({ min: least, max: most, noNaN: true })
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      case 'array': {
        const [minLength, maxLength] = [numberIn(schema, 'minItems') ?? 0, numberIn(schema, 'maxItems') ?? 3]
        const item = schemaSchema.parse(schema['items'] ?? {})
        return fc.array(this.#value(item, name, depth + 1), {
          minLength,
          maxLength: Math.min(maxLength, minLength + 3),
        })
      }
      case 'object':
        return this.#object(schema, depth)
      default:
        return fc.jsonValue({ maxDepth: 2 })
    }
  }

  #object(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    const properties = z.record(z.string(), schemaSchema).parse(schema['properties'] ?? {})
    const required = z.array(z.string()).parse(schema['required'] ?? [])
    const rest = schemaSchema.safeParse(schema['additionalProperties']).data
    const own = fc.record(
      Object.fromEntries(
        Object.entries(properties)
          .filter(([key]) => !preconditions.has(key))
          .map(([key, inner]) => [key, this.#value(inner, key, depth + 1)]),
      ),
      { requiredKeys: required },
    )
    if (rest === undefined || Object.keys(properties).length > 0) return own
    return fc.dictionary(this.#matching('^\\w{1,20}$'), this.#value(rest, '', depth + 1), { maxKeys: 3 })
  }

  #text(schema: Schema): fc.Arbitrary<string> {
    const { pattern, format } = schema
    const [minLength, maxLength] = [numberIn(schema, 'minLength') ?? 0, numberIn(schema, 'maxLength') ?? 300]
    if (format === 'date-time')
      return fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') })
        .map((at) => at.toISOString())
    if (format === 'email') return this.#matching('^[a-z]{1,8}$').map((name) => `${name}@hollowoak.example`)
    if (typeof pattern === 'string') return this.#matching(pattern, Math.min(maxLength, 60))
    const fitting = odd.filter((each) => each.length >= minLength && each.length <= maxLength)
    const made = fc.string({
      minLength,
      maxLength: Math.max(minLength, Math.min(maxLength, minLength + 20)),
      unit: 'grapheme',
    })
    return fitting.length === 0
      ? made
      : fc.oneof(
          { weight: 3, arbitrary: made.filter((each) => each.length <= maxLength) },
          { weight: 1, arbitrary: fc.constantFrom(...fitting) },
        )
  }

  #matching(pattern: string, maxLength?: number): fc.Arbitrary<string> {
    const name = `${maxLength} ${pattern}`
    const known = this.#texts.get(name)
    if (known !== undefined) return known
    const made = fc.stringMatching(new RegExp(pattern), maxLength === undefined ? {} : { maxLength })
    this.#texts.set(name, made)
    return made
  }
}

/** Of a pattern that is an id's: under this its kind was seen. */
function prefixOf({ pattern }: Schema): string | undefined {
  return typeof pattern === 'string' ? /^\^([a-z]+_)\[/.exec(pattern)?.[1] : undefined
}

/** As far as it matters: what was seen elsewhere under the same name may be of another type. */
function fits(schema: Schema, value: unknown): boolean {
  const types = [schema['type']].flat()
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  if (!types.includes(type) && !(type === 'number' && types.includes('integer'))) return false
  const { pattern } = schema
  if (typeof value !== 'string')
    return type !== 'array' && (type !== 'object' || schema['properties'] === undefined)
  return (
    value.length <= (numberIn(schema, 'maxLength') ?? 1e9) &&
    value.length >= (numberIn(schema, 'minLength') ?? 0) &&
    (typeof pattern !== 'string' || new RegExp(pattern).test(value))
  )
}

function numberIn(schema: Schema, name: string): number | undefined {
  const found = schema[name]
  return typeof found === 'number' ? found : undefined
}

function encode(value: unknown): string {
  const given = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return encodeURIComponent(given.toWellFormed())
}
