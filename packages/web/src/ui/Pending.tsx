import type { UseQueryResult } from '@tanstack/react-query'
import { ErrorState } from './ErrorState.tsx'
import { ListSkeleton } from './ListSkeleton.tsx'

interface PendingProps {
  query: Pick<UseQueryResult, 'data' | 'error' | 'refetch'>
  /** What is asked for, with its article: "the members". */
  what: string
  rows?: number
  rowHeight?: number
}

/** Stands in for an answer that is being loaded or has failed. Draws nothing once the answer is there. */
export function Pending({ query, what, ...shape }: PendingProps) {
  if (query.error !== null) {
    return (
      <ErrorState
        error={query.error}
        title={`${what.charAt(0).toUpperCase()}${what.slice(1)} couldn't be loaded`}
        onRetry={() => void query.refetch()}
      />
    )
  }
  return query.data === undefined ? <ListSkeleton label={`Loading ${what}`} {...shape} /> : null
}
