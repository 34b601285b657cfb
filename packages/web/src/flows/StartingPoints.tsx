import { IconArrowRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { ConnectorIcon } from '../ui/ConnectorIcon.tsx'
import classes from './StartingPoints.module.css'
import { startingPoints } from './starting-points.ts'

/** Flows to begin with: each opens the wizard with both sides chosen. */
export function StartingPoints() {
  return (
    <ul className={classes['grid']} aria-label="Starting points">
      {startingPoints.map(({ id, title, description, source, destination }) => (
        <li key={id}>
          <Link to="/flows/new" search={{ start: id }} className={classes['tile']}>
            <span className={classes['icons']} aria-hidden>
              <ConnectorIcon connector={source.connector} size={24} />
              <IconArrowRight size={16} />
              <ConnectorIcon connector={destination.connector} size={24} />
            </span>
            <span className={classes['title']}>{title}</span>
            <span className={classes['description']}>{description}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
