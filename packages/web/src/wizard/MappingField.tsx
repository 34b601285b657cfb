import type { FieldDefinition } from '@latchwork/contract'
import { Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlus, IconWand } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useId, useState } from 'react'
import { api } from '../app/api.ts'
import { ProblemAlert } from '../app/ProblemAlert.tsx'
import { MappingRow } from './MappingRow.tsx'
import { formatMapping, type MappingPair, mappingFault, parseMapping, suggestMapping } from './mapping.ts'
import { PreviewList } from './PreviewList.tsx'
import type { SampleRequest } from './SampleSection.tsx'
import { SourcePicker } from './SourcePicker.tsx'

const typingPauseMs = 400

interface MappingFieldProps {
  field: FieldDefinition
  value: string | undefined
  error: string | undefined
  /** The source that is mapped; null to let the person choose one. */
  source: SampleRequest | null
  destination: SampleRequest
  onChange(value: string): void
}

/** Which column of the source goes into which field of the destination, and what that would do. */
export function MappingField({ field, value, error, source, destination, onChange }: MappingFieldProps) {
  const titleId = useId()
  const [picked, setPicked] = useState<SampleRequest | null>(null)
  const [request] = useDebouncedValue({ source: source ?? picked, destination }, typingPauseMs)
  const preview = useQuery({
    queryKey: ['preview', request],
    queryFn: async () => {
      if (request.source === null) throw new Error('A preview needs a source.')
      const { source: read, destination: write } = request
      const answer = await api.destinations.preview({ body: { source: read, destination: write } })
      return { ...answer, isMapped: parseMapping(write.config[field.name]).length > 0 }
    },
    enabled: request.source !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  })
  const columns = preview.data?.sourceColumns
  const targets = preview.data?.targetColumns
  const pairs = parseMapping(value)
  const untouched = value === undefined || value === ''

  useEffect(() => {
    if (untouched && columns !== undefined && targets !== undefined && !preview.isPlaceholderData) {
      const suggested = suggestMapping(columns, targets)
      if (suggested.length > 0) onChange(formatMapping(suggested))
    }
  }, [untouched, columns, targets, preview.isPlaceholderData, onChange])

  const setPairs = (next: readonly MappingPair[]) => onChange(formatMapping(next))
  const fault = error ?? (untouched ? null : mappingFault(pairs))
  const first = preview.data?.rows[0]?.before

  return (
    <Stack gap="sm" component="section" aria-labelledby={titleId}>
      <div>
        <Text id={titleId} fw={600}>
          {field.label}
          {field.required && (
            <Text span c="red" aria-hidden>
              {' *'}
            </Text>
          )}
        </Text>
        <Text size="xs" c="dimmed">
          {field.help}
        </Text>
      </div>
      {source === null && <SourcePicker onPick={setPicked} />}
      {preview.isError && <ProblemAlert error={preview.error} />}
      {preview.isLoading && <Skeleton h={220} aria-label="Reading columns and fields" />}
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
                taken={pairs.filter((_, other) => other !== index).map((other) => other.to)}
                example={first?.[pair.from]}
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
            <Button
              variant="subtle"
              leftSection={<IconWand size={16} aria-hidden />}
              onClick={() => setPairs(suggestMapping(columns, targets))}
            >
              Match by name
            </Button>
          </Group>
          {fault !== null && (
            <Text size="sm" c="red" role="alert">
              {fault}
            </Text>
          )}
        </>
      )}
      {pairs.length > 0 && preview.data?.isMapped === false && <Skeleton h={220} />}
      {pairs.length > 0 && preview.data?.isMapped === true && (
        <PreviewList preview={preview.data} pairs={pairs} updating={preview.isPlaceholderData} />
      )}
    </Stack>
  )
}
