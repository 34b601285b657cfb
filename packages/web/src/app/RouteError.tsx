import { useQueryErrorResetBoundary } from '@tanstack/react-query'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { ErrorState } from './ErrorState.tsx'
import { usePageTitle } from './page-title.ts'

/** An error of a whole page, with a way to try again. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  usePageTitle('Something went wrong')
  const router = useRouter()
  const queries = useQueryErrorResetBoundary()
  return (
    <ErrorState
      error={error}
      title="This page couldn't be shown"
      onRetry={() => {
        queries.reset()
        reset()
        void router.invalidate()
      }}
    />
  )
}
