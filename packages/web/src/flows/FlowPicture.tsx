import type { Flow } from '@latchwork/contract'
import { IconArrowRight } from '@tabler/icons-react'
import { ConnectorIcon } from '../ui/ConnectorIcon.tsx'
import classes from './FlowPicture.module.css'
import { sideName } from './side-name.ts'

/** Where a flow's records come from and go to. */
export function FlowPicture({ flow }: { flow: Pick<Flow, 'source' | 'destination'> }) {
  return (
    <span className={classes['picture']}>
      <ConnectorIcon connector={flow.source.connector} size={16} />
      <bdi className={classes['side']}>{sideName(flow.source)}</bdi>
      <IconArrowRight size={14} className={classes['arrow']} role="img" aria-label="to" />
      <ConnectorIcon connector={flow.destination.connector} size={16} />
      <bdi className={classes['side']}>{sideName(flow.destination)}</bdi>
    </span>
  )
}
