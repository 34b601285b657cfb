import { ApiError } from '@latchwork/contract'
import { useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconLogout, IconMoon, IconPlus, IconSun, type TablerIcon } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { sessionQuery } from '../api/session-query.ts'
import { useSignOut } from '../session/useEnter.ts'
import { relativeTime } from '../ui/time-words.ts'
import { sections, sectionsFor } from './navigation.ts'

export interface PaletteItem {
  id: string
  group: string
  label: string
  hint?: string | undefined
  Icon: TablerIcon
  run(): void
}

const perKind = 5
const typingPauseMs = 150

/** What has `query` in its name, of each kind. A kind that can't be asked is left out. */
async function find(query: string) {
  const asked = { query: { query, limit: perKind } }
  const itemsOf = async <T>(page: Promise<{ items: T[] }>): Promise<T[]> => {
    try {
      return (await page).items
    } catch (error) {
      if (error instanceof ApiError && error.code !== 'not_signed_in') return []
      throw error
    }
  }
  const [flows, credentials, passes, runs, sources, destinations] = await Promise.all([
    itemsOf(api.flows.list(asked)),
    itemsOf(api.credentials.list(asked)),
    itemsOf(api.passes.list(asked)),
    itemsOf(api.runs.list(asked)),
    itemsOf(api.sources.list(asked)),
    itemsOf(api.destinations.list(asked)),
  ])
  return { flows, credentials, passes, runs, sources, destinations }
}

/** What the palette offers for `text`: things found by the server, screens, and actions. */
export function usePaletteItems(text: string): { items: PaletteItem[]; isSearching: boolean } {
  const navigate = useNavigate()
  const { setColorScheme } = useMantineColorScheme()
  const signOut = useSignOut()
  const { data: session } = useQuery(sessionQuery)
  const [query] = useDebouncedValue(text, typingPauseMs)
  const { data, isFetching, isPlaceholderData } = useQuery({
    queryKey: ['palette', query],
    queryFn: () => find(query),
    enabled: query !== '',
    placeholderData: keepPreviousData,
  })
  const [flows, sources, destinations, credentials, passes, , runs] = sections

  const found: PaletteItem[] =
    data === undefined || text === ''
      ? []
      : [
          ...data.flows.map(({ id, name }) => ({
            id,
            group: 'Flows',
            label: name,
            Icon: flows.Icon,
            run: () => void navigate({ to: '/flows/$flowId', params: { flowId: id } }),
          })),
          ...data.credentials.map(({ id, name, identity }) => ({
            id,
            group: 'Credentials',
            label: name === '' ? 'Draft without a name' : name,
            hint: identity?.organizationName,
            Icon: credentials.Icon,
            run: () => void navigate({ to: '/credentials', search: { id } }),
          })),
          ...data.passes.map(({ id, name, may }) => ({
            id,
            group: 'Passes',
            label: name,
            hint: may,
            Icon: passes.Icon,
            run: () => void navigate({ to: '/passes/$passId', params: { passId: id } }),
          })),
          ...data.sources.map(({ id, name }) => ({
            id,
            group: 'Sources',
            label: name,
            Icon: sources.Icon,
            run: () => void navigate({ to: '/sources', search: { id } }),
          })),
          ...data.destinations.map(({ id, name }) => ({
            id,
            group: 'Destinations',
            label: name,
            Icon: destinations.Icon,
            run: () => void navigate({ to: '/destinations', search: { id } }),
          })),
          ...data.runs.map(({ id, flowName, status, createdAt }) => ({
            id,
            group: 'Runs',
            label: flowName,
            hint: `${status}, ${relativeTime(Date.parse(createdAt), Date.now())}`,
            Icon: runs.Icon,
            run: () => void navigate({ to: '/runs/$runId', params: { runId: id } }),
          })),
        ]

  const actions: PaletteItem[] = [
    {
      id: 'new-flow',
      group: 'Actions',
      label: 'New data flow',
      Icon: IconPlus,
      run: () => void navigate({ to: '/flows/new' }),
    },
    {
      id: 'add-credential',
      group: 'Actions',
      label: 'Add a credential',
      Icon: IconPlus,
      run: () => void navigate({ to: '/credentials', search: { add: 'choose' } }),
    },
    {
      id: 'new-pass',
      group: 'Actions',
      label: 'New pass',
      Icon: IconPlus,
      run: () => void navigate({ to: '/passes/new' }),
    },
    {
      id: 'light',
      group: 'Actions',
      label: 'Light theme',
      Icon: IconSun,
      run: () => setColorScheme('light'),
    },
    { id: 'dark', group: 'Actions', label: 'Dark theme', Icon: IconMoon, run: () => setColorScheme('dark') },
    { id: 'sign-out', group: 'Actions', label: 'Sign out', Icon: IconLogout, run: () => signOut.mutate() },
  ]
  const screens: PaletteItem[] = sectionsFor(session?.user?.role).map(({ to, label, Icon }) => ({
    id: to.slice(1),
    group: 'Go to',
    label,
    Icon,
    run: () => void navigate({ to }),
  }))
  const wanted = text.toLowerCase()
  const fits = ({ label }: PaletteItem) => label.toLowerCase().includes(wanted)
  const isAnswered = text === '' || (query === text && !isPlaceholderData)
  // Until the server has answered for this very text, Enter must not choose what was found for another.
  const items = [...(isAnswered ? found : found.filter(fits)), ...[...screens, ...actions].filter(fits)]
  return { items, isSearching: isFetching || !isAnswered }
}
