import {
  IconActivity,
  IconAddressBook,
  IconBuilding,
  IconChecklist,
  IconDatabase,
  IconFile,
  IconFileText,
  IconPlugConnected,
  IconStack2,
  IconTable,
  IconTarget,
  IconUsers,
  IconWebhook,
  type TablerIcon,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { connectorsQuery } from '../api/catalogue-queries.ts'

const icons: Readonly<Record<string, TablerIcon>> = {
  activity: IconActivity,
  'address-book': IconAddressBook,
  building: IconBuilding,
  checklist: IconChecklist,
  database: IconDatabase,
  file: IconFile,
  'file-text': IconFileText,
  stack: IconStack2,
  table: IconTable,
  target: IconTarget,
  users: IconUsers,
  webhook: IconWebhook,
}

interface IconProps {
  size?: number
}

/** The picture of a connector, by its id. */
export function ConnectorIcon({ connector, size = 20 }: IconProps & { connector: string }) {
  const { data: connectors } = useQuery(connectorsQuery)
  if (connectors === undefined) return <svg width={size} height={size} aria-hidden />
  return <DefinedIcon icon={connectors.find(({ id }) => id === connector)?.icon ?? ''} size={size} />
}

/** The picture that a definition of a connector or template names; one for unknown names too. */
export function DefinedIcon({ icon, size = 20 }: IconProps & { icon: string }) {
  const Icon = (Object.hasOwn(icons, icon) ? icons[icon] : undefined) ?? IconPlugConnected
  return <Icon size={size} stroke={1.5} aria-hidden />
}
