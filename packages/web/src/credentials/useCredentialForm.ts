import type { ConnectorDefinition, Credential, MethodDefinition, Problem } from '@latchwork/contract'
import { useEffect, useState } from 'react'
import { initialValues, serverFaults, textFaults, valueFaults } from './form-rules.ts'
import { forgetTyped, storedTyped, storeTyped, type Typed } from './typed.ts'

/** What a form for a credential that is saved already begins with. */
type Given = Pick<Typed, 'name' | 'description' | 'methodId'>

function begin(connector: ConnectorDefinition, draft: Credential | null, given: Given | null): Typed {
  const values = Object.fromEntries(connector.methods.map((method) => [method.id, initialValues(method)]))
  const first = connector.methods[0]?.id ?? ''
  if (draft === null) return { name: null, description: '', tags: [], methodId: first, ...given, values }
  return {
    name: given?.name ?? (draft.name === '' ? null : draft.name),
    description: given?.description ?? draft.description,
    tags: draft.tags,
    methodId: draft.method,
    values: { ...values, [draft.method]: { ...values[draft.method], ...draft.values } },
  }
}

/** What is typed into the form of a new credential, or of a new method of one, and what is wrong with it. */
export function useCredentialForm(
  connector: ConnectorDefinition,
  draft: Credential | null,
  given: Given | null = null,
) {
  // A draft, and what is saved already, stand on the server.
  const isNew = draft === null && given === null
  const [retained] = useState(() => (isNew ? storedTyped(connector) : null))
  const [typed, setTyped] = useState<Typed>(() => retained ?? begin(connector, draft, given))
  const [changed, setChanged] = useState(draft !== null || retained !== null)
  useEffect(() => {
    if (isNew && changed) storeTyped(connector, typed)
  }, [connector, isNew, changed, typed])
  /** Fields that were left with something in them: what is wrong with it is shown. What is missing waits for `all`. */
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  /** The form was left, or sent. */
  const [all, setAll] = useState(false)
  const [refused, setRefused] = useState<Readonly<Record<string, string>>>({})
  const [suggestedName, suggestName] = useState('')
  const name = typed.name ?? suggestedName

  const method = connector.methods.find(({ id }) => id === typed.methodId) ?? connector.methods[0]
  if (method === undefined) throw new Error(`The connector ${connector.id} has no authentication method`)
  const values = typed.values[method.id] ?? {}
  const stored = draft !== null && draft.method === method.id ? draft.secretsSet : []

  const found: Readonly<Record<string, string | undefined>> = {
    ...textFaults(name, typed.description),
    ...valueFaults(method, values, stored),
  }
  const shown: Record<string, string> = { ...refused }
  for (const [field, fault] of Object.entries(found)) {
    if (fault !== undefined && (all || left.has(field))) shown[field] = fault
  }

  const update = (field: string, change: Partial<Typed>) => {
    setTyped((now) => ({ ...now, ...change }))
    setChanged(true)
    setRefused(({ [field]: _, ...others }) => others)
  }
  return {
    method,
    values,
    /** Secrets that the server has: their fields may stay blank. */
    stored,
    /** As typed, or else as suggested. */
    name,
    /** Somebody has typed a name. */
    isNamed: typed.name !== null,
    description: typed.description,
    tags: typed.tags,
    isChanged: changed,
    /** Every fault, shown yet or not. */
    faults: found,
    shownFaults: shown,
    suggestName,
    setName: (name: string) => update('name', { name }),
    setDescription: (description: string) => update('description', { description }),
    setTags: (tags: readonly string[]) => update('tags', { tags }),
    setMethod: (next: MethodDefinition) => update('method', { methodId: next.id }),
    setValue: (field: string, value: string) =>
      update(field, { values: { ...typed.values, [method.id]: { ...values, [field]: value } } }),
    leaveField: (field: string) => {
      const value = { ...values, name, description: typed.description }[field] ?? ''
      if (value.trim() !== '') setLeft((now) => new Set([...now, field]))
    },
    leave: () => setAll(true),
    /** Shows the server's faults at their fields until those are changed. Returns their number. */
    refuse: (problem: Problem): number => {
      const faults = problem.code === 'name_taken' ? { name: problem.detail } : serverFaults(problem.errors)
      const known = new Set(['name', 'description', 'tags', ...method.fields.map((field) => field.name)])
      const standing = Object.fromEntries(Object.entries(faults).filter(([field]) => known.has(field)))
      setRefused(standing)
      return Object.keys(standing).length
    },
    /** Forgets everything that was typed, secrets first. */
    clear: () => {
      setChanged(false)
      setTyped(begin(connector, null, given))
      forgetTyped(connector)
    },
  }
}

export type CredentialForm = ReturnType<typeof useCredentialForm>
