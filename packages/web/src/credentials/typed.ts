import type { ConnectorDefinition, FieldValues } from '@latchwork/contract'
import { z } from 'zod'
import { initialValues } from './form-rules.ts'

/** What is typed into the form of a new credential. */
export interface Typed {
  /** Null while nobody has typed one: the account gives it. */
  readonly name: string | null
  readonly description: string
  readonly tags: readonly string[]
  readonly methodId: string
  /** What was typed into each method's fields: changing the method and back loses nothing. */
  readonly values: Readonly<Record<string, FieldValues>>
}

const typedSchema = z.object({
  name: z.string().nullable(),
  description: z.string(),
  tags: z.array(z.string()),
  methodId: z.string(),
  values: z.record(z.string(), z.record(z.string(), z.string())),
})

const keyOf = (connector: string): string => `latchwork.credential-${connector}`

/** Keeps what is typed in this tab, so that a reload loses the secrets only: those are never written to the browser's storage. */
export function storeTyped(connector: ConnectorDefinition, typed: Typed): void {
  const values = connector.methods.map(({ id, fields }) => {
    const open = fields.filter(({ kind }) => kind !== 'secret').map(({ name }) => name)
    return [id, Object.fromEntries(open.map((name) => [name, typed.values[id]?.[name] ?? '']))] as const
  })
  sessionStorage.setItem(
    keyOf(connector.id),
    JSON.stringify({ ...typed, values: Object.fromEntries(values) }),
  )
}

/** What was typed before a reload; null if that was nothing. */
export function storedTyped(connector: ConnectorDefinition): Typed | null {
  const text = sessionStorage.getItem(keyOf(connector.id))
  if (text === null) return null
  try {
    const stored = typedSchema.parse(JSON.parse(text))
    const values = connector.methods.map((method) => {
      return [method.id, { ...initialValues(method), ...stored.values[method.id] }] as const
    })
    return { ...stored, values: Object.fromEntries(values) }
  } catch {
    return null
  }
}

export function forgetTyped(connector: ConnectorDefinition): void {
  sessionStorage.removeItem(keyOf(connector.id))
}
