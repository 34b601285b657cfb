import { useQueryErrorResetBoundary } from '@tanstack/react-query'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { ErrorState } from './ErrorState.tsx'
import { usePageTitle } from './page-title.ts'

/** An error of a whole screen inside the shell, with a way to try again. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  usePageTitle('Something went wrong')
  const router = useRouter()
  const queries = useQueryErrorResetBoundary()
  return (
    <ErrorState
      error={error}
      title="This page couldn't be shown"
      titleOrder={1}
      onRetry={() => {
        queries.reset()
        reset()
        void router.invalidate()
      }}
    />
  )
}

/** As `RouteError` where there is no shell around it, because it isn't known who is signed in. */
export function PageError(props: ErrorComponentProps) {
  return (
    <main>
      <RouteError {...props} />
    </main>
  )
}
