import { faultSentence } from '@latchwork/contract'
import { type FormEvent, useState } from 'react'
import type { z } from 'zod'
import { problemOf } from './ProblemAlert.tsx'

type FieldsSchema = z.ZodObject<Readonly<Record<string, z.ZodType<string, string>>>>

interface FieldsOptions<Schema extends FieldsSchema> {
  readonly schema: Schema
  /** Of the fields that are drawn; the others stay blank. */
  readonly labels: Readonly<Partial<Record<keyof z.output<Schema> & string, string>>>
  /** What stands in them at first. */
  readonly initial?: Readonly<Record<string, string>>
  /** The error of the last request. */
  readonly error: unknown
}

/**
 * The typed fields of a small form, all that are drawn required. What is wrong with a field is shown once it was left or the
 * form was sent; what the server refused stands at its field.
 */
export function useFields<Schema extends FieldsSchema>(options: FieldsOptions<Schema>) {
  const { schema, initial = {}, error } = options
  const labels: Readonly<Record<string, string | undefined>> = options.labels
  const [typed, setTyped] = useState(initial)
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const names = Object.keys(labels)
  const values = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, typed[name] ?? '']))
  const parsed = schema.safeParse(values)
  const refusals = problemOf(error)?.errors ?? []
  const faultOf = (name: string): string | undefined => {
    const value = values[name] ?? ''
    const label = labels[name] ?? name
    const issue = parsed.error?.issues.find(({ path }) => path[0] === name)
    if (value === '' || (issue !== undefined && value.trim() === '')) return `${label} is required.`
    return issue && faultSentence(label, issue.message)
  }
  const field = (name: keyof z.output<Schema> & string) => ({
    label: labels[name],
    name,
    required: true,
    value: values[name] ?? '',
    error:
      (left.has(name) ? faultOf(name) : undefined) ??
      refusals.find((refusal) => refusal.field === name)?.message,
    onBlur: () => {
      if (values[name] !== '') setLeft(new Set([...left, name]))
    },
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setTyped((now) => ({ ...now, [name]: value })),
  })
  /** What a form does when it is sent: `send` only if nothing is wrong. */
  const onSubmit = (send: (values: z.output<Schema>) => void) => (event: FormEvent) => {
    event.preventDefault()
    setLeft(new Set(names))
    if (parsed.success && names.every((name) => faultOf(name) === undefined)) send(parsed.data)
  }
  return { field, onSubmit, clear: () => setTyped(initial) }
}
