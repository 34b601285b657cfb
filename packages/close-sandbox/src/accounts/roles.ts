/** What every role may do besides reading; the words are Close's. */
export const ALL_PERMISSIONS = [
  'bulk_delete',
  'bulk_edit',
  'bulk_email',
  'bulk_import',
  'bulk_sequence_subscriptions',
  'calling',
  'delete_leads',
  'delete_own_activities',
  'delete_own_opportunities',
  'delete_own_tasks',
  'export',
  'manage_customizations',
  'manage_group_numbers',
  'manage_organization',
  'manage_others_activities',
  'manage_others_opportunities',
  'manage_others_tasks',
  'manage_team_smart_views',
  'merge_leads',
  'view_all_leads',
] as const

export type Permission = (typeof ALL_PERMISSIONS)[number]

export interface Role {
  readonly id: string
  readonly name: string
  readonly permissions: readonly Permission[]
}

const NOT_FOR_USERS: readonly Permission[] = [
  'bulk_delete',
  'bulk_edit',
  'export',
  'manage_customizations',
  'manage_group_numbers',
  'manage_organization',
  'manage_team_smart_views',
]

/** The predefined roles, whose ids are plain words. */
export const PREDEFINED_ROLES: readonly Role[] = [
  { id: 'admin', name: 'Admin', permissions: ALL_PERMISSIONS },
  {
    id: 'superuser',
    name: 'Super User',
    permissions: ALL_PERMISSIONS.filter((word) => word !== 'manage_organization'),
  },
  { id: 'user', name: 'User', permissions: ALL_PERMISSIONS.filter((word) => !NOT_FOR_USERS.includes(word)) },
  { id: 'restricteduser', name: 'Restricted User', permissions: ['calling', 'delete_own_tasks'] },
]

/** The permissions of a role; none for an unknown one. */
export function permissionsOf(roleId: string): readonly Permission[] {
  return PREDEFINED_ROLES.find((role) => role.id === roleId)?.permissions ?? []
}
