import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import { ConnectorIcon } from '../ui/ConnectorIcon.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import type { End, EndKind } from './queries.ts'
import classes from './SidesPage.module.css'
import { endWords } from './words.ts'

/** A source or destination in its list; opens its drawer. */
export function EndRow({ kind, end }: { kind: EndKind; end: End }) {
  const { data: connectors } = useQuery(connectorsQuery)
  const connector = connectors?.find(({ id }) => id === end.connector)
  return (
    <li>
      <Link to={endWords[kind].address} search={{ id: end.id }} className={classes['row']}>
        <span className={classes['icon']}>
          <ConnectorIcon connector={end.connector} size={20} />
        </span>
        <span className={classes['what']}>
          <bdi className={classes['name']} title={end.name}>
            {end.name}
          </bdi>
          <span className={classes['detail']}>
            {connector?.label ?? end.connector}
            {end.credentialName !== null && (
              <>
                {' · '}
                <bdi>{end.credentialName}</bdi>
              </>
            )}
          </span>
        </span>
        <span className={classes['usage']}>
          {end.flowCount === 0
            ? 'Not used by a flow'
            : `Used by ${end.flowCount} ${end.flowCount === 1 ? 'flow' : 'flows'}`}
        </span>
        <span className={classes['when']}>
          {end.lastUsedAt === null ? (
            'Never used'
          ) : (
            <>
              Last used <TimeAgo at={end.lastUsedAt} />
            </>
          )}
        </span>
      </Link>
    </li>
  )
}
