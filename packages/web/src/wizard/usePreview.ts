import type { Preview } from '@latchwork/contract'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../app/api.ts'
import { mappingFault, parseMapping } from './mapping.ts'
import type { SampleRequest } from './SampleSection.tsx'

const typingPauseMs = 400

async function preview(source: SampleRequest | null, destination: SampleRequest): Promise<Preview> {
  if (source === null) throw new Error('A preview needs a source.')
  return api.destinations.preview({ body: { source, destination } })
}

/**
 * What a mapping is made of and what it would do: `parts` are the columns and fields to choose from, asked for without
 * a mapping; `effect` is what would happen to the first records, asked for once the mapping is complete.
 * @param field name of the mapping's field in the destination's config
 */
export function usePreview(source: SampleRequest | null, destination: SampleRequest, field: string) {
  const [settled] = useDebouncedValue(destination, typingPauseMs)
  const { [field]: mapping, ...others } = settled.config
  const unmapped: SampleRequest = { ...settled, config: others }
  const isComplete = mappingFault(parseMapping(mapping)) === null
  const options = { staleTime: 60_000, retry: false } as const
  const parts = useQuery({
    queryKey: ['preview', 'parts', source, unmapped],
    queryFn: () => preview(source, unmapped),
    enabled: source !== null,
    ...options,
  })
  const effect = useQuery({
    queryKey: ['preview', 'effect', source, settled],
    queryFn: () => preview(source, settled),
    enabled: source !== null && isComplete,
    placeholderData: keepPreviousData,
    ...options,
  })
  return { parts, effect }
}
