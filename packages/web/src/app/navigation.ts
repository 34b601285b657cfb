import {
  IconArrowsExchange,
  IconDatabaseExport,
  IconDatabaseImport,
  IconHeartbeat,
  IconHistory,
  IconKey,
  IconSettings,
} from '@tabler/icons-react'

/** The screens that the navigation leads to, in its order. */
export const sections = [
  { to: '/flows', label: 'Flows', Icon: IconArrowsExchange },
  { to: '/sources', label: 'Sources', Icon: IconDatabaseExport },
  { to: '/destinations', label: 'Destinations', Icon: IconDatabaseImport },
  { to: '/credentials', label: 'Credentials', Icon: IconKey },
  { to: '/health', label: 'Health', Icon: IconHeartbeat },
  { to: '/runs', label: 'Runs', Icon: IconHistory },
  { to: '/settings', label: 'Settings', Icon: IconSettings },
] as const

/** The section that an address belongs to. */
export function sectionOf(pathname: string): (typeof sections)[number] | undefined {
  return sections.find(({ to }) => pathname === to || pathname.startsWith(`${to}/`))
}
