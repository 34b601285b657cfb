import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { z } from 'zod'
import { sessionQuery } from '../api/session-query.ts'
import { auditSearchSchema } from '../audit/filter.ts'
import { runSearchSchema } from '../flows/run-search.ts'
import { NotFoundPage } from '../ui/NotFoundPage.tsx'
import { PageError, RouteError } from '../ui/RouteError.tsx'
import { Shell } from './Shell.tsx'
import { credentialSearch, flowSearch, text, wizardSearch } from './searches.ts'

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
  errorComponent: PageError,
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ next: text }),
  component: lazyRouteComponent(() => import('../session/SignInPage.tsx'), 'SignInPage'),
})

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: z.object({ token: text }),
  component: lazyRouteComponent(() => import('../session/SetupPage.tsx'), 'SetupPage'),
})

const join = createRoute({
  getParentRoute: () => root,
  path: '/join',
  validateSearch: z.object({ token: text }),
  component: lazyRouteComponent(() => import('../session/JoinPage.tsx'), 'JoinPage'),
})

const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  validateSearch: z.object({ token: text }),
  component: lazyRouteComponent(() => import('../session/ResetPage.tsx'), 'ResetPage'),
})

const oauthDone = createRoute({
  getParentRoute: () => root,
  path: '/oauth/done',
  validateSearch: z.object({ credential: text, result: text }),
  component: lazyRouteComponent(() => import('../credentials/OAuthDonePage.tsx'), 'OAuthDonePage'),
})

/** Sends a person who is not signed in to the sign-in page, and from there back. */
async function requireSignedIn(queryClient: QueryClient, next: string): Promise<void> {
  const session = await queryClient.ensureQueryData(sessionQuery)
  if (session.user === null) throw redirect({ to: '/sign-in', search: { next } })
}

/** Where a terminal sends its person: to sign it in, and to grant it access to an account. */
const device = createRoute({
  getParentRoute: () => root,
  path: '/device',
  validateSearch: z.object({ code: text }),
  component: lazyRouteComponent(() => import('../session/DevicePage.tsx'), 'DevicePage'),
  beforeLoad: ({ context, location }) => requireSignedIn(context.queryClient, location.href),
})

const authorize = createRoute({
  getParentRoute: () => root,
  path: '/authorize/$credentialId',
  validateSearch: z.object({ result: text }),
  component: lazyRouteComponent(() => import('../credentials/AuthorizePage.tsx'), 'AuthorizePage'),
  beforeLoad: ({ context, location }) => requireSignedIn(context.queryClient, location.href),
})

/** Everything that needs somebody signed in, with navigation around it. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  errorComponent: PageError,
  beforeLoad: ({ context, location }) => requireSignedIn(context.queryClient, location.href),
})

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/flows', replace: true })
  },
})

const flows = createRoute({
  getParentRoute: () => shell,
  path: '/flows',
  validateSearch: flowSearch,
  component: lazyRouteComponent(() => import('../flows/FlowsPage.tsx'), 'FlowsPage'),
})

const newFlow = createRoute({
  getParentRoute: () => shell,
  path: '/flows/new',
  validateSearch: wizardSearch,
  component: lazyRouteComponent(() => import('../wizard/NewDataFlowPage.tsx'), 'NewDataFlowPage'),
})

const flow = createRoute({
  getParentRoute: () => shell,
  path: '/flows/$flowId',
  component: lazyRouteComponent(() => import('../flows/FlowPage.tsx'), 'FlowPage'),
})

const sources = createRoute({
  getParentRoute: () => shell,
  path: '/sources',
  validateSearch: z.object({ id: text }),
  component: lazyRouteComponent(() => import('../sides/SidesPage.tsx'), 'SourcesPage'),
})

const newSource = createRoute({
  getParentRoute: () => shell,
  path: '/sources/new',
  validateSearch: wizardSearch,
  component: lazyRouteComponent(() => import('../wizard/NewSidePage.tsx'), 'NewSourcePage'),
})

const destinations = createRoute({
  getParentRoute: () => shell,
  path: '/destinations',
  validateSearch: z.object({ id: text }),
  component: lazyRouteComponent(() => import('../sides/SidesPage.tsx'), 'DestinationsPage'),
})

const newDestination = createRoute({
  getParentRoute: () => shell,
  path: '/destinations/new',
  validateSearch: wizardSearch,
  component: lazyRouteComponent(() => import('../wizard/NewSidePage.tsx'), 'NewDestinationPage'),
})

const credentials = createRoute({
  getParentRoute: () => shell,
  path: '/credentials',
  validateSearch: credentialSearch,
  component: lazyRouteComponent(() => import('../credentials/CredentialsPage.tsx'), 'CredentialsPage'),
})

const passes = createRoute({
  getParentRoute: () => shell,
  path: '/passes',
  component: lazyRouteComponent(() => import('../passes/PassesPage.tsx'), 'PassesPage'),
})

const newPass = createRoute({
  getParentRoute: () => shell,
  path: '/passes/new',
  component: lazyRouteComponent(() => import('../passes/NewPassPage.tsx'), 'NewPassPage'),
})

const pass = createRoute({
  getParentRoute: () => shell,
  path: '/passes/$passId',
  component: lazyRouteComponent(() => import('../passes/PassPage.tsx'), 'PassPage'),
})

const changePass = createRoute({
  getParentRoute: () => shell,
  path: '/passes/$passId/change',
  component: lazyRouteComponent(() => import('../passes/ChangePassPage.tsx'), 'ChangePassPage'),
})

const checks = createRoute({
  getParentRoute: () => shell,
  path: '/health',
  component: lazyRouteComponent(() => import('../checks/ChecksPage.tsx'), 'ChecksPage'),
})

const runs = createRoute({
  getParentRoute: () => shell,
  path: '/runs',
  validateSearch: runSearchSchema,
  component: lazyRouteComponent(() => import('../flows/RunsPage.tsx'), 'RunsPage'),
})

const run = createRoute({
  getParentRoute: () => shell,
  path: '/runs/$runId',
  component: lazyRouteComponent(() => import('../flows/RunPage.tsx'), 'RunPage'),
})

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  validateSearch: auditSearchSchema,
  component: lazyRouteComponent(() => import('../audit/AuditPage.tsx'), 'AuditPage'),
})

const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  component: lazyRouteComponent(() => import('../settings/SettingsPage.tsx'), 'SettingsPage'),
})

const keys = createRoute({
  getParentRoute: () => shell,
  path: '/settings/keys',
  component: lazyRouteComponent(() => import('../master-keys/KeysPage.tsx'), 'KeysPage'),
})

/** An address at which there is nothing, for somebody signed in. */
const nowhere = createRoute({ getParentRoute: () => shell, path: '$', component: NotFoundPage })

const routeTree = root.addChildren([
  signIn,
  setup,
  join,
  reset,
  oauthDone,
  device,
  authorize,
  shell.addChildren([
    home,
    flows,
    newFlow,
    flow,
    sources,
    newSource,
    destinations,
    newDestination,
    credentials,
    passes,
    newPass,
    pass,
    changePass,
    checks,
    runs,
    run,
    audit,
    settings,
    keys,
    nowhere,
  ]),
])

/** The page's addresses. */
export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFoundPage,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
  })
}
