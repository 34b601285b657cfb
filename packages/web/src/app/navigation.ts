import type { User } from '@latchwork/contract'
import {
  IconArrowsExchange,
  IconDatabaseExport,
  IconDatabaseImport,
  IconHeartbeat,
  IconHistory,
  IconKey,
  IconListSearch,
  IconSettings,
  IconTicket,
} from '@tabler/icons-react'

/** The screens that the navigation leads to, in its order. */
export const sections = [
  { to: '/flows', label: 'Flows', Icon: IconArrowsExchange },
  { to: '/sources', label: 'Sources', Icon: IconDatabaseExport },
  { to: '/destinations', label: 'Destinations', Icon: IconDatabaseImport },
  { to: '/credentials', label: 'Credentials', Icon: IconKey },
  { to: '/passes', label: 'Passes', Icon: IconTicket },
  { to: '/health', label: 'Checks', Icon: IconHeartbeat },
  { to: '/runs', label: 'Runs', Icon: IconHistory },
  { to: '/audit', label: 'Audit', Icon: IconListSearch },
  { to: '/settings', label: 'Settings', Icon: IconSettings },
] as const

/** Screens that only administrators may look at. */
const forAdministrators: ReadonlySet<string> = new Set(['/audit'])

/** The screens that somebody of a role is led to. */
export function sectionsFor(role: User['role'] | undefined): (typeof sections)[number][] {
  return sections.filter(({ to }) => role === 'admin' || !forAdministrators.has(to))
}

/** The section that an address belongs to. */
export function sectionOf(pathname: string): (typeof sections)[number] | undefined {
  return sections.find(({ to }) => pathname === to || pathname.startsWith(`${to}/`))
}
