import {
  ApiError,
  type Column,
  type FieldDefinition,
  faultSentence,
  type MappingPair,
  mappingFault,
  requiredTargets,
  valueIn,
} from '@latchwork/contract'
import { Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { IconPlus, IconWand } from '@tabler/icons-react'
import { useEffect, useEffectEvent, useId, useState } from 'react'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { fieldFaults } from './config.ts'
import { MappingRow } from './MappingRow.tsx'
import { formatMapping, parseMapping, suggestMapping } from './mapping.ts'
import { PreviewList } from './PreviewList.tsx'
import type { SampleRequest } from './SampleSection.tsx'
import { SourcePicker } from './SourcePicker.tsx'
import { usePreview } from './usePreview.ts'

interface MappingFieldProps {
  field: FieldDefinition
  /** All fields of the destination: their values decide what has to be mapped. */
  fields: readonly FieldDefinition[]
  value: string | undefined
  error: string | undefined
  /** The source that is mapped; null to let the person choose one. */
  source: SampleRequest | null
  destination: SampleRequest
  onChange(value: string): void
}

/** Maps columns of the source to fields of the destination, and previews the effect. */
export function MappingField(props: MappingFieldProps) {
  const { field, fields, value, error, source, destination, onChange } = props
  const titleId = useId()
  const [picked, setPicked] = useState<SampleRequest | null>(null)
  const pairs = parseMapping(value)
  const missing = requiredTargets(field, fields, destination.config).find(
    ({ anyOf }) => !anyOf.some((target) => pairs.some(({ to }) => to === target)),
  )
  const own = mappingFault(pairs) ?? missing?.message ?? null
  const { parts, effect, example } = usePreview(
    source ?? picked,
    destination,
    field.name,
    own === null,
    pairs.map(({ to }) => to),
  )
  const columns = parts.data?.sourceColumns
  const targets = parts.data?.targetColumns
  const labelOf = useLabels(targets, pairs)
  const isUntouched = value === undefined || value === ''
  const setPairs = (next: readonly MappingPair[]) => onChange(formatMapping(next))

  const matchByName = () => {
    if (columns === undefined || targets === undefined) return
    const suggested = suggestMapping(columns, targets)
    if (suggested.length > 0) setPairs(suggested)
  }
  const onParts = useEffectEvent(matchByName)
  useEffect(() => {
    if (isUntouched && parts.data !== undefined) onParts()
  }, [isUntouched, parts.data])

  const refusal = refusalOf(effect.error, field)
  // What is missing is said beside Next or Save: somebody may still be choosing.
  const fault = error ?? refusal
  const unmapped = (columns ?? []).filter(({ name }) => !pairs.some(({ from }) => from === name))

  return (
    <Stack gap="sm" component="section" aria-labelledby={titleId}>
      <div>
        <Text id={titleId} fw={600}>
          {field.label}
          {field.required && (
            <Text span c="var(--mantine-color-error)" aria-hidden>
              {' *'}
            </Text>
          )}
        </Text>
        <Text size="xs" c="dimmed">
          {field.help}
        </Text>
      </div>
      {source === null && <SourcePicker onPick={setPicked} />}
      {parts.isError && <ProblemAlert error={parts.error} />}
      {parts.isLoading && <Skeleton h={220} aria-hidden />}
      {columns !== undefined && targets !== undefined && (
        <>
          <Stack gap={8} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
            {pairs.map((pair, index) => (
              <MappingRow
                // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place: both of its values may change
                key={index}
                position={index + 1}
                pair={pair}
                columns={columns}
                targets={targets}
                goneLabel={labelOf(pair.to)}
                taken={pairs.filter((_, other) => other !== index).map((other) => other.to)}
                example={example == null ? undefined : valueIn(example, pair.from)}
                onChange={(changed) => setPairs(pairs.map((old, at) => (at === index ? changed : old)))}
                onRemove={() => setPairs(pairs.filter((_, at) => at !== index))}
              />
            ))}
          </Stack>
          <Group gap="sm">
            <Button
              variant="default"
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() => setPairs([...pairs, { from: '', to: '' }])}
            >
              Add a field
            </Button>
            <Button variant="subtle" leftSection={<IconWand size={16} aria-hidden />} onClick={matchByName}>
              Match by name
            </Button>
          </Group>
          <Unmapped columns={unmapped} />
          {fault !== null && (
            <Text c="var(--mantine-color-error)" role="alert">
              {fault}
            </Text>
          )}
          {effect.isError && refusal === null && <ProblemAlert error={effect.error} />}
          {effect.isLoading && <Skeleton h={220} aria-hidden />}
          {effect.data !== undefined && fault === null && own === null && (
            <PreviewList
              preview={effect.data}
              columns={pairs.map((pair) => pair.from)}
              updating={effect.isPlaceholderData}
            />
          )}
        </>
      )}
    </Stack>
  )
}

/** What the fields are called, also those of an account that was chosen before. */
function useLabels(targets: readonly Column[] | undefined, pairs: readonly MappingPair[]) {
  const [known, setKnown] = useState<ReadonlyMap<string, string>>(new Map())
  const fresh = targets?.filter(({ name, label }) => known.get(name) !== label) ?? []
  if (fresh.length > 0)
    setKnown(new Map([...known, ...fresh.map(({ name, label }) => [name, label] as const)]))
  return (name: string) => known.get(name) ?? pairs.find(({ to }) => to === name)?.label ?? name
}

const mostNames = 12

/** The columns that no row names: what they hold is not sent. */
function Unmapped({ columns }: { columns: readonly Column[] }) {
  if (columns.length === 0) return null
  const rest = columns.length - mostNames
  return (
    <Text size="sm" c="dimmed">
      {columns.length === 1 ? '1 column is not mapped' : `${columns.length} columns are not mapped`} and will
      not be sent:{' '}
      <bdi>
        {columns
          .slice(0, mostNames)
          .map(({ label }) => label)
          .join(', ')}
      </bdi>
      {rest > 0 && ` and ${rest} more`}.
    </Text>
  )
}

/** The server's fault of the mapping, if it refused the mapping. */
function refusalOf(error: Error | null, field: FieldDefinition): string | null {
  if (!(error instanceof ApiError)) return null
  const fault = fieldFaults(error.problem)[field.name]
  return fault === undefined ? null : faultSentence(field.label, fault)
}
