import { Tooltip, UnstyledButton } from '@mantine/core'
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { sessionQuery } from '../api/session-query.ts'
import { Mark } from '../ui/Mark.tsx'
import { sectionsFor } from './navigation.ts'
import classes from './shell.module.css'

interface NavigationProps {
  /** Icons only. */
  collapsed: boolean
  onCollapse?: () => void
}

/** The way to every screen: at the left, or in the sheet of a phone. */
export function Navigation({ collapsed, onCollapse }: NavigationProps) {
  const { data: session } = useQuery(sessionQuery)
  const CollapseIcon = collapsed ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse
  return (
    <nav aria-label="Main" className={classes['navigation']} data-sheet={onCollapse === undefined}>
      {onCollapse !== undefined && (
        <Link to="/flows" className={classes['brand']} aria-label="Latchwork">
          <Mark />
          {!collapsed && <span>Latchwork</span>}
        </Link>
      )}
      <ul className={classes['list']}>
        {sectionsFor(session?.user?.role).map(({ to, label, Icon }) => (
          <li key={to}>
            <Tooltip label={label} position="right" disabled={!collapsed}>
              <Link to={to} className={classes['link']} aria-label={label}>
                <Icon size={20} stroke={1.5} aria-hidden />
                {!collapsed && <span>{label}</span>}
              </Link>
            </Tooltip>
          </li>
        ))}
      </ul>
      {onCollapse !== undefined && (
        <Tooltip label="Expand" position="right" disabled={!collapsed}>
          <UnstyledButton
            className={classes['link']}
            aria-label={collapsed ? 'Expand the navigation' : 'Collapse the navigation'}
            onClick={onCollapse}
          >
            <CollapseIcon size={20} stroke={1.5} aria-hidden />
            {!collapsed && <span>Collapse</span>}
          </UnstyledButton>
        </Tooltip>
      )}
    </nav>
  )
}
