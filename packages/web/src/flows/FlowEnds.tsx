import type { Flow } from '@latchwork/contract'
import { IconArrowRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { ConnectorIcon } from '../app/ConnectorIcon.tsx'
import classes from './FlowEnds.module.css'

/** Source and destination of a flow, large, each leading to its own drawer. */
export function FlowEnds({ flow }: { flow: Flow }) {
  return (
    <div className={classes['ends']}>
      <Link to="/sources" search={{ id: flow.source.id }} className={classes['end']}>
        <ConnectorIcon connector={flow.source.connector} size={24} />
        <span className={classes['text']}>
          <span className={classes['kind']}>Data source</span>
          <bdi className={classes['name']}>{flow.source.name}</bdi>
        </span>
      </Link>
      <IconArrowRight size={20} className={classes['arrow']} role="img" aria-label="to" />
      <Link to="/destinations" search={{ id: flow.destination.id }} className={classes['end']}>
        <ConnectorIcon connector={flow.destination.connector} size={24} />
        <span className={classes['text']}>
          <span className={classes['kind']}>Data destination</span>
          <bdi className={classes['name']}>{flow.destination.name}</bdi>
        </span>
      </Link>
    </div>
  )
}
