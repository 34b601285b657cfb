import {
  IconActivity,
  IconAddressBook,
  IconBuilding,
  IconChecklist,
  IconDatabase,
  IconFile,
  IconFileText,
  IconPlugConnected,
  IconTable,
  IconTarget,
  IconUsers,
  IconWebhook,
  type TablerIcon,
} from '@tabler/icons-react'

const icons: Readonly<Record<string, TablerIcon>> = {
  activity: IconActivity,
  'address-book': IconAddressBook,
  building: IconBuilding,
  checklist: IconChecklist,
  close: IconTarget,
  database: IconDatabase,
  file: IconFile,
  'file-text': IconFileText,
  files: IconFile,
  postgres: IconDatabase,
  table: IconTable,
  target: IconTarget,
  users: IconUsers,
  webhook: IconWebhook,
}

/** The picture of a connector or template, by the name its definition gives; one for unknown names too. */
export function ConnectorIcon({ connector, size = 20 }: { connector: string; size?: number }) {
  const Icon = (Object.hasOwn(icons, connector) ? icons[connector] : undefined) ?? IconPlugConnected
  return <Icon size={size} stroke={1.5} aria-hidden />
}
