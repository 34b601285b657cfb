import type { ConnectorDefinition, Credential } from '@latchwork/contract'
import { Paper, VisuallyHidden } from '@mantine/core'
import { useIntersection } from '@mantine/hooks'
import { memo, useEffect } from 'react'
import { Owner } from '../access/Owner.tsx'
import { BusyButton } from '../ui/BusyButton.tsx'
import { DefinedIcon } from '../ui/ConnectorIcon.tsx'
import { StatusBadge } from '../ui/StatusBadge.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import classes from './list.module.css'
import { Tags } from './Tags.tsx'

interface CredentialListProps {
  credentials: readonly Credential[]
  connectors: readonly ConnectorDefinition[]
  hasMore: boolean
  isLoadingMore: boolean
  onMore(): void
  onOpen(id: string): void
}

/** A table; on a phone each row is a card. Further pages are loaded when the end comes into view. */
export function CredentialList(props: CredentialListProps) {
  const { credentials, connectors, hasMore, isLoadingMore, onMore, onOpen } = props
  const { ref, entry } = useIntersection({ rootMargin: '400px' })
  const atEnd = entry?.isIntersecting === true
  useEffect(() => {
    if (atEnd && hasMore && !isLoadingMore) onMore()
  }, [atEnd, hasMore, isLoadingMore, onMore])
  return (
    <>
      <Paper withBorder className={classes['frame'] ?? ''}>
        <table className={classes['table']}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" className={classes['accountColumn']}>
                Account
              </th>
              <th scope="col" className={classes['methodColumn']}>
                Method
              </th>
              <th scope="col" className={classes['statusColumn']}>
                Status
              </th>
              <th scope="col" className={classes['ownerColumn']}>
                Owner
              </th>
              <th scope="col" className={classes['shortColumn']}>
                Used by
              </th>
              <th scope="col" className={classes['shortColumn']}>
                Last used
              </th>
            </tr>
          </thead>
          <tbody>
            {credentials.map((credential) => (
              <Row
                key={credential.id}
                credential={credential}
                connector={connectors.find(({ id }) => id === credential.connector)}
                onOpen={onOpen}
              />
            ))}
          </tbody>
        </table>
      </Paper>
      <div ref={ref} className={classes['more']}>
        {hasMore && (
          <BusyButton variant="default" busy={isLoadingMore} onClick={onMore}>
            Load more
          </BusyButton>
        )}
      </div>
    </>
  )
}

interface RowProps {
  credential: Credential
  connector: ConnectorDefinition | undefined
  onOpen(id: string): void
}

const Row = memo(
  function Row({ credential, connector, onOpen }: RowProps) {
    const { id, identity, status, reason, usageCount, lastUsedAt } = credential
    const method = connector?.methods.find((each) => each.id === credential.method)
    return (
      <tr>
        <td className={classes['nameCell']}>
          <DefinedIcon icon={connector?.icon ?? ''} size={20} />
          <div>
            <button type="button" className={classes['name']} onClick={() => onOpen(id)}>
              <bdi>{credential.name === '' ? 'Draft without a name' : credential.name}</bdi>
            </button>
            {credential.description !== '' && (
              <div className={classes['description']} dir="auto">
                {credential.description}
              </div>
            )}
            <Tags tags={credential.tags} />
          </div>
        </td>
        <td data-label="Account">
          {identity === null ? (
            <span className={classes['none']}>Not known yet</span>
          ) : (
            <>
              <bdi className={classes['account']}>{identity.organizationName}</bdi>
              <span className={classes['email']}>
                {identity.userEmail === '' ? identity.userName : identity.userEmail}
              </span>
            </>
          )}
        </td>
        <td data-label="Method">
          <VisuallyHidden>{connector?.label ?? credential.connector}: </VisuallyHidden>
          {method?.label ?? credential.method}
        </td>
        <td data-label="Status">
          <span className={classes['status']}>
            <StatusBadge status={status} />
            <span className={classes['time']}>
              <TimeAgo at={credential.statusAt} />
            </span>
          </span>
          {reason !== null && status !== 'draft' && (
            <span className={classes['second']}>{reason.message}</span>
          )}
        </td>
        <td data-label="Owner" className={classes['ownerCell']}>
          <Owner owner={credential.owner} />
        </td>
        <td data-label="Used by">
          {usageCount === 0 ? <span className={classes['none']}>Nothing</span> : usageCount}
        </td>
        <td data-label="Last used">
          {lastUsedAt === null ? (
            <span className={classes['none']}>Not yet</span>
          ) : (
            <TimeAgo at={lastUsedAt} />
          )}
        </td>
      </tr>
    )
  },
  (before, after) => before.credential === after.credential && before.connector === after.connector,
)
