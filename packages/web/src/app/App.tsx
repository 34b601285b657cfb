import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useSyncExternalStore } from 'react'
import { onSignedOut } from '../api/client.ts'
import { createQueryClient } from '../api/query-client.ts'
import { sessionKey, sessionQuery } from '../api/session-query.ts'
import { SessionEnded } from '../session/SessionEnded.tsx'
import { resolveVariables, theme } from '../ui/theme.ts'
import { AddressGuard } from './AddressGuard.tsx'
import { createAppRouter } from './router.tsx'
import { createSwitch } from './switch.ts'

const sessionEnded = createSwitch()

const queryClient = createQueryClient()
onSignedOut(() => {
  // A person who was signed in may have typed something: the page stays as it is under the question.
  if (queryClient.getQueryData(sessionQuery.queryKey)?.user) sessionEnded.set(true)
  else toSignIn()
})
const router = createAppRouter(queryClient)

function toSignIn(): void {
  const { pathname, href } = router.state.location
  queryClient.setQueryData(sessionKey, { user: null, needsSetup: false })
  if (pathname !== '/sign-in') void router.navigate({ to: '/sign-in', search: { next: href } })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

/** The whole page. */
export function App() {
  const ended = useSyncExternalStore(sessionEnded.subscribe, sessionEnded.get)
  return (
    <MantineProvider theme={theme} cssVariablesResolver={resolveVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <Notifications position="top-center" containerWidth={440} />
        <AddressGuard>
          <RouterProvider router={router} />
          <SessionEnded
            opened={ended}
            onBack={() => sessionEnded.set(false)}
            onLeave={() => {
              sessionEnded.set(false)
              toSignIn()
            }}
          />
        </AddressGuard>
      </QueryClientProvider>
    </MantineProvider>
  )
}
