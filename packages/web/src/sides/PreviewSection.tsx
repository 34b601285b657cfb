import type { ConnectorDefinition } from '@latchwork/contract'
import { IconEye } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { AskedSection, useAsked } from './AskedSection.tsx'
import { PreviewList } from './PreviewList.tsx'
import type { SampleRequest } from './SampleSection.tsx'
import { previewQuery } from './usePreview.ts'

/** A mapping shows its effect by itself, and a file takes everything. */
export function hasOwnPreview({ methods, destination }: ConnectorDefinition): boolean {
  return (
    methods.length > 0 && destination !== null && destination.fields.every(({ kind }) => kind !== 'mapping')
  )
}

interface PreviewSectionProps {
  source: SampleRequest
  destination: SampleRequest
  /** Why there can be no preview yet; null if there can. */
  missing: string | null
}

/** What a destination that has no mapping would do with the first records of a source. */
export function PreviewSection({ source, destination, missing }: PreviewSectionProps) {
  const asked = useAsked([source, destination])
  const preview = useQuery({
    ...previewQuery(source, destination),
    enabled: asked.isAsked && missing === null,
  })
  return (
    <AskedSection
      label="Preview the first records"
      Icon={IconEye}
      asked={asked}
      query={preview}
      missing={missing}
      hint="Shows what would happen to the first records. Nothing is written."
      found={null}
    >
      {preview.data !== undefined && (
        <PreviewList preview={preview.data} columns={null} updating={preview.isFetching} />
      )}
    </AskedSection>
  )
}
