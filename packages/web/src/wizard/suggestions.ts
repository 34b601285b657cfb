import {
  type ConnectorDefinition,
  type FieldValues,
  fieldValue,
  mustChoose,
  visibleFields,
} from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { filesQuery } from '../files/queries.ts'
import { sideChoicesQuery } from '../sides/queries.ts'
import type { Draft } from './draft.ts'
import { connectorOf } from './path.ts'
import { useSampleSource } from './useChosen.ts'

const maxLength = 60

/** What a source reads, as a word for names of files and tables: "leads", "partners_2025". Empty if that isn't known. */
export function subjectOf(connector: ConnectorDefinition | undefined, config: FieldValues): string {
  const fields = connector?.source?.fields ?? []
  const field = visibleFields(fields, config).find(({ required }) => required)
  if (field === undefined) return ''
  const value = fieldValue(fields, config, field.name)
  const word = field.kind === 'file' ? value.replace(/\.\w{1,8}$/, '') : value
  return word
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, maxLength)
}

/**
 * Values for the fields of a destination that nobody has filled in, named after what is read. One that is taken gets a
 * number: "leads_2.csv".
 * @param hasStreams each stream that is read has a name of its own: what may stay empty does
 */
export function suggestedConfig(
  connector: ConnectorDefinition | undefined,
  config: FieldValues,
  subject: string,
  taken: (field: string) => readonly string[],
  hasStreams = false,
): Record<string, string> {
  const fields = connector?.destination?.fields ?? []
  if (subject === '') return {}
  const suggest = (field: string, suggestion: string): string => {
    const used = new Set(taken(field).map((value) => value.toLowerCase()))
    for (let n = 1; ; n++) {
      const source = n === 1 ? subject : `${subject}_${n}`
      const value = suggestion.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        name === 'source' ? source : fieldValue(fields, config, name),
      )
      if (!used.has(value.toLowerCase())) return value
    }
  }
  return Object.fromEntries(
    fields.flatMap(({ name, suggestion, required }) =>
      suggestion === undefined || config[name] !== undefined || (hasStreams && !required)
        ? []
        : [[name, suggest(name, suggestion)]],
    ),
  )
}

/** The draft with the names of files and tables filled in where nobody has typed one. */
export function useSuggestions(draft: Draft, connectors: readonly ConnectorDefinition[]): Draft {
  const { destination } = draft
  const connector = connectorOf(destination, connectors)
  const isNew = connector !== undefined && destination.existingId === null
  const source = useSampleSource(draft.source, connectors)
  const others = useQuery({ ...sideChoicesQuery('destination'), enabled: isNew }).data?.items ?? []
  const files = useQuery({ ...filesQuery, enabled: isNew }).data ?? []
  if (!isNew || source === null) return draft
  const reader = connectors.find(({ id }) => id === source.connector)
  const like = others.filter((other) => other.connector === connector.id)
  const suggested = suggestedConfig(
    connector,
    destination.config,
    subjectOf(reader, source.config),
    (field) => [...like.map(({ config }) => config[field] ?? ''), ...files.map(({ name }) => name)],
    reader !== undefined && mustChoose(reader, source.config),
  )
  return { ...draft, destination: { ...destination, config: { ...suggested, ...destination.config } } }
}
