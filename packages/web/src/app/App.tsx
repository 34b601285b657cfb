import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createQueryClient } from '../api/query-client.ts'
import { sessionKey } from '../api/session-query.ts'
import { resolveVariables, theme } from '../ui/theme.ts'
import { AddressGuard } from './AddressGuard.tsx'
import { createAppRouter } from './router.tsx'

const queryClient = createQueryClient(() => {
  const { pathname, href } = router.state.location
  queryClient.setQueryData(sessionKey, { user: null, needsSetup: false })
  if (pathname !== '/sign-in') void router.navigate({ to: '/sign-in', search: { next: href } })
})
const router = createAppRouter(queryClient)

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

/** The whole page. */
export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={resolveVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <Notifications position="top-center" containerWidth={440} />
        <AddressGuard>
          <RouterProvider router={router} />
        </AddressGuard>
      </QueryClientProvider>
    </MantineProvider>
  )
}
