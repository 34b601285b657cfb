import { Link, useLocation } from '@tanstack/react-router'
import { useCurrentTitle } from '../ui/page-title.ts'
import { sectionOf } from './navigation.ts'
import classes from './shell.module.css'

/** The section, and the thing in it that is shown. */
export function Breadcrumb() {
  const pathname = useLocation({ select: (location) => location.pathname })
  const title = useCurrentTitle()
  const section = sectionOf(pathname)
  const inside = section !== undefined && pathname !== section.to
  return (
    <nav aria-label="Breadcrumb" className={classes['breadcrumb']}>
      <ol>
        {section !== undefined && (
          <li>
            {inside ? (
              <Link to={section.to}>{section.label}</Link>
            ) : (
              <span aria-current="page">{section.label}</span>
            )}
          </li>
        )}
        {(inside || section === undefined) && (
          <li>
            <span aria-current="page" dir="auto">
              {title}
            </span>
          </li>
        )}
      </ol>
    </nav>
  )
}
