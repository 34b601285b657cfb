import type { Flow } from '@latchwork/contract'
import { IconArrowRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { ConnectorIcon } from '../ui/ConnectorIcon.tsx'
import classes from './FlowSides.module.css'
import { endName } from './side-name.ts'

/** Source and destination of a flow, large, each leading to its own drawer, if whoever looks may see it. */
export function FlowEnds({ flow }: { flow: Flow }) {
  return (
    <div className={classes['ends']}>
      <FlowEnd to="/sources" kind="Data source" end={flow.source} />
      <IconArrowRight size={20} className={classes['arrow']} role="img" aria-label="to" />
      <FlowEnd to="/destinations" kind="Data destination" end={flow.destination} />
    </div>
  )
}

interface FlowEndProps {
  to: '/sources' | '/destinations'
  kind: string
  end: Flow['source']
}

function FlowEnd({ to, kind, end }: FlowEndProps) {
  const content = (
    <>
      <ConnectorIcon connector={end.connector} size={24} />
      <span className={classes['text']}>
        <span className={classes['kind']}>{kind}</span>
        <bdi className={classes['name']}>{endName(end)}</bdi>
      </span>
    </>
  )
  if (end.id === null) return <div className={classes['end']}>{content}</div>
  return (
    <Link to={to} search={{ id: end.id }} className={classes['end']}>
      {content}
    </Link>
  )
}
