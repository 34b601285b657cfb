import type { Preview } from '@latchwork/contract'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { type SampleRequest, sampleQuery } from './SampleSection.tsx'

const typingPauseMs = 400

function preview(source: SampleRequest | null, destination: SampleRequest): Promise<Preview> {
  return api.destinations.preview({ body: { source, destination } })
}

const options = { staleTime: 60_000, retry: false } as const

/** What would happen to the first records. */
export const previewQuery = (source: SampleRequest | null, destination: SampleRequest) =>
  queryOptions({
    queryKey: ['preview', 'effect', source, destination],
    queryFn: () => preview(source, destination),
    ...options,
  })

/**
 * What a mapping is made of and what it would do: `parts` are the columns and fields to choose from, asked for without
 * a mapping; `effect` is what would happen to the first records, asked for once the mapping is complete.
 * @param source null: there is none yet, only the fields are asked for
 * @param field name of the mapping's field in the destination's config
 * @param isComplete nothing that the page can tell is wrong with the mapping
 * @param wanted the fields that are mapped to: a row whose field is not there says so itself
 */
export function usePreview(
  source: SampleRequest | null,
  destination: SampleRequest,
  field: string,
  isComplete: boolean,
  wanted: readonly string[],
) {
  const { [field]: mapping, ...others } = destination.config
  // People type only into a mapping. Any other change decides at once which fields there are to map.
  const [typedMapping] = useDebouncedValue(mapping, typingPauseMs)
  const unmapped: SampleRequest = { ...destination, config: others }
  const isReady = mapping === typedMapping && isComplete
  const parts = useQuery({
    queryKey: ['preview', 'parts', source, unmapped],
    queryFn: () => preview(source, unmapped),
    ...options,
  })
  const there = parts.data?.targetColumns ?? []
  const hasAll = there.length === 0 || wanted.every((each) => there.some(({ name }) => name === each))
  const effect = useQuery({
    ...previewQuery(source, destination),
    enabled: source !== null && isReady && hasAll,
    placeholderData: keepPreviousData,
  })
  // The mapping may be incomplete or refused: what the columns hold is shown all the same.
  const sample = useQuery({ ...sampleQuery(source ?? destination), enabled: source !== null })
  return { parts, effect, example: sample.data?.records[0] }
}
