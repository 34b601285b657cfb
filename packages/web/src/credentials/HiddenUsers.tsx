import type { Usage } from '@latchwork/contract'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import classes from './drawer.module.css'

/** What uses a credential and is not shared with whoever looks: counted, and whose it is where that is told. */
export function HiddenUsers({ hidden }: { hidden: Usage['hidden'] }) {
  return hidden.map(({ kind, owner, count, lastUsedAt }) => (
    <li key={`${kind} ${owner?.id ?? ''}`}>
      <span>
        {count} {kind}
        {count === 1 ? '' : 's'}{' '}
        {owner === null ? (
          'that you may not see'
        ) : (
          <>
            of <bdi>{owner.name}</bdi>
          </>
        )}
      </span>
      <span className={classes['second']}>
        {lastUsedAt === null ? (
          'Not used yet'
        ) : (
          <>
            Last used <TimeAgo at={lastUsedAt} />
          </>
        )}
      </span>
    </li>
  ))
}
