import { Button } from '@mantine/core'
import { IconCloudOff } from '@tabler/icons-react'
import { useQueryErrorResetBoundary } from '@tanstack/react-query'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { EmptyState } from './EmptyState.tsx'
import { ErrorState } from './ErrorState.tsx'
import { usePageTitle } from './page-title.ts'

/** An error of a whole screen inside the shell, with a way to try again. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  usePageTitle('Something went wrong')
  const router = useRouter()
  const queries = useQueryErrorResetBoundary()
  if (isMissingPart(error)) {
    return (
      <EmptyState
        icon={<IconCloudOff size={28} stroke={1.5} />}
        title="This part of the page couldn't be fetched"
        titleOrder={1}
        action={
          <Button variant="default" onClick={() => window.location.reload()}>
            Load the page again
          </Button>
        }
      >
        The server can't be reached at the moment, or it was updated since the page was opened.
      </EmptyState>
    )
  }
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

/** A script or style of a screen that is fetched only when it is needed. */
function isMissingPart(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported module|importing a module|preload css/i.test(error.message)
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
