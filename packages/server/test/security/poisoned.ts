import { backupRequestSchema, type Endpoint, endpoints } from '@latchwork/contract'
import { z } from 'zod'

export const named: readonly (readonly [string, Endpoint])[] = Object.entries(endpoints).flatMap(
  ([group, operations]) =>
    Object.entries<Endpoint>(operations).map(([name, endpoint]) => [`${group}.${name}`, endpoint] as const),
)

/** Bodies of the routes beside the contract. */
export const otherBodies = { backup: backupRequestSchema } as const

/** What no text of a request may be, whatever it is for; by what is wrong with it. */
export const poisons: Readonly<Record<string, unknown>> = {
  'a NUL': 'a\u0000b',
  'half a character': 'a\ud800b',
  'a control character of the second row': 'a\u009b31mb',
  'a bell': 'a\u0007b',
  'a long text': 'x'.repeat(30_000),
  'lists in one another': Array.from({ length: 500 }).reduce<unknown>((inner) => [inner], 1),
  'a long list': Array.from({ length: 10_001 }, () => 1),
  'a name with a NUL': { 'a\u0000b': 'x' },
  'a long name': { ['k'.repeat(5000)]: 'x' },
}

/** What a schema takes, as far as texts, lists and their places go. */
interface Shape {
  readonly type?: string | undefined
  readonly properties?: Readonly<Record<string, Shape>> | undefined
  readonly additionalProperties?: Shape | boolean | undefined
  readonly items?: Shape | undefined
  readonly anyOf?: readonly Shape[] | undefined
  readonly enum?: readonly unknown[] | undefined
}
const shapeSchema: z.ZodType<Shape> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    properties: z.record(z.string(), shapeSchema).optional(),
    additionalProperties: z.union([z.boolean(), shapeSchema]).optional(),
    items: shapeSchema.optional(),
    anyOf: z.array(shapeSchema).optional(),
    enum: z.array(z.unknown()).optional(),
  }),
)

/** Costs more than the request that it is for, so it is asked once a schema. Null: the schema takes nothing. */
export function shapeOf(schema: z.ZodType): Shape | null {
  if (schema instanceof z.ZodUndefined) return null
  return shapeSchema.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
}

/** Every place that holds a text, a list, or anything, as names from the outside in. */
export function places(shape: Shape): string[][] {
  const below = (name: string, inner: Shape) => places(inner).map((path) => [name, ...path])
  const { properties = {}, additionalProperties: rest, items, anyOf } = shape
  if (anyOf !== undefined) return anyOf.flatMap(places)
  if (items !== undefined) return [[], ...below('0', items)]
  if (shape.type === 'object' || Object.keys(properties).length > 0) {
    const free = typeof rest === 'object' ? [[], ...below('free', rest)] : []
    return [...Object.entries(properties).flatMap(([name, inner]) => below(name, inner)), ...free]
  }
  return [[]]
}

/** A body of this shape, with the poison in one place. */
export function poisoned(shape: Shape, path: readonly string[], poison: unknown): unknown {
  return put(sample(shape), path, poison)
}

function sample({ type, properties = {}, anyOf, enum: choices, items }: Shape): unknown {
  if (choices !== undefined) return choices[0]
  if (anyOf !== undefined) return anyOf[0] === undefined ? null : sample(anyOf[0])
  if (type === 'object') {
    return Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, sample(inner)]))
  }
  if (type === 'array') return items === undefined ? [] : [sample(items)]
  if (type === 'boolean') return true
  return type === 'integer' || type === 'number' ? 1 : 'x'
}

function put(value: unknown, [name, ...path]: readonly string[], poison: unknown): unknown {
  if (name === undefined) return poison
  const isList = Array.isArray(value)
  const inner = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  const poisonedInner = put(inner, path, poison)
  if (isList || name === '0') return [poisonedInner]
  return { ...(typeof value === 'object' ? value : {}), [name]: poisonedInner }
}
