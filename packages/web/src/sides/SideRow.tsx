import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import { ConnectorIcon } from '../ui/ConnectorIcon.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import type { Side, SideKind } from './queries.ts'
import classes from './SidesPage.module.css'
import { sideWords } from './words.ts'

/** A source or destination in its list; opens its drawer. */
export function SideRow({ kind, side }: { kind: SideKind; side: Side }) {
  const { data: connectors } = useQuery(connectorsQuery)
  const connector = connectors?.find(({ id }) => id === side.connector)
  return (
    <li>
      <Link to={sideWords[kind].address} search={{ id: side.id }} className={classes['row']}>
        <span className={classes['icon']}>
          <ConnectorIcon connector={side.connector} size={20} />
        </span>
        <span className={classes['what']}>
          <bdi className={classes['name']} title={side.name}>
            {side.name}
          </bdi>
          <span className={classes['detail']}>
            {connector?.label ?? side.connector}
            {side.credentialName !== null && (
              <>
                {' · '}
                <bdi>{side.credentialName}</bdi>
              </>
            )}
          </span>
        </span>
        <span className={classes['usage']}>
          {side.flowCount === 0
            ? 'Not used by a flow'
            : `Used by ${side.flowCount} ${side.flowCount === 1 ? 'flow' : 'flows'}`}
        </span>
        <span className={classes['when']}>
          {side.lastUsedAt === null ? (
            'Never used'
          ) : (
            <>
              Last used <TimeAgo at={side.lastUsedAt} />
            </>
          )}
        </span>
      </Link>
    </li>
  )
}
