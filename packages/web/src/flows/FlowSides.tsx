import type { Flow } from '@latchwork/contract'
import { IconArrowRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { ConnectorIcon } from '../ui/ConnectorIcon.tsx'
import classes from './FlowSides.module.css'

/** Source and destination of a flow, large. Each leads to its own drawer if the viewer may see it. */
export function FlowSides({ flow }: { flow: Flow }) {
  return (
    <div className={classes['sides']}>
      <FlowSide to="/sources" kind="Data source" side={flow.source} />
      <IconArrowRight size={20} className={classes['arrow']} role="img" aria-label="to" />
      <FlowSide to="/destinations" kind="Data destination" side={flow.destination} schema={flow.schema} />
    </div>
  )
}

interface FlowSideProps {
  to: '/sources' | '/destinations'
  kind: string
  side: Flow['source']
  /** Of the flow's own. */
  schema?: string | null
}

function FlowSide({ to, kind, side, schema = null }: FlowSideProps) {
  const content = (
    <>
      <ConnectorIcon connector={side.connector} size={24} />
      <span className={classes['text']}>
        <span className={classes['kind']}>{kind}</span>
        <bdi className={classes['name']}>{sideName(side)}</bdi>
        {schema !== null && (
          <span className={classes['kind']}>
            in the schema <bdi>{schema}</bdi>
          </span>
        )}
      </span>
    </>
  )
  if (side.id === null) return <div className={classes['side']}>{content}</div>
  return (
    <Link to={to} search={{ id: side.id }} className={classes['side']}>
      {content}
    </Link>
  )
}

/** Where a flow's records come from and go to. */
export function FlowPicture({ flow }: { flow: Pick<Flow, 'source' | 'destination'> }) {
  return (
    <span className={classes['picture']}>
      <ConnectorIcon connector={flow.source.connector} size={16} />
      <bdi className={classes['name']}>{sideName(flow.source)}</bdi>
      <IconArrowRight size={14} className={classes['arrow']} role="img" aria-label="to" />
      <ConnectorIcon connector={flow.destination.connector} size={16} />
      <bdi className={classes['name']}>{sideName(flow.destination)}</bdi>
    </span>
  )
}

/** What a side of a flow is called, also for somebody who may not see it. */
function sideName({ name }: Flow['source']): string {
  return name ?? 'Not shared with you'
}
