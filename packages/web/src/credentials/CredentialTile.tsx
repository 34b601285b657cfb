import type { Credential, MethodDefinition } from '@latchwork/contract'
import { Button } from '@mantine/core'
import { Owner } from '../access/Owner.tsx'
import { useMe } from '../api/session-query.ts'
import { StatusBadge } from '../ui/StatusBadge.tsx'
import { TileRadio } from '../ui/TileRadio.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { Tags } from './Tags.tsx'
import classes from './tiles.module.css'

interface CredentialTileProps {
  /** The name that makes the tiles one group of radio buttons. */
  group: string
  credential: Credential
  method: MethodDefinition | undefined
  checked: boolean
  /** Failed, and nobody has looked at why: can't be chosen yet. */
  locked: boolean
  onChoose(): void
  /** Chosen by a click or Enter: on to the next step. */
  onGo(): void
  onFix(): void
}

/** One credential to choose: name, method, account, what it is for, status with its time. */
export function CredentialTile({
  group,
  credential,
  method,
  checked,
  locked,
  onChoose,
  onGo,
  onFix,
}: CredentialTileProps) {
  const { id, name, description, tags, owner, identity, status, statusAt, reason } = credential
  const me = useMe()
  const descriptionId = `${group}-${id}`
  return (
    <TileRadio
      group={group}
      value={id}
      label={name}
      describedBy={descriptionId}
      checked={checked}
      disabled={locked}
      className={classes['tile']}
      onChoose={onChoose}
      onGo={onGo}
    >
      <span className={classes['name']} dir="auto" aria-hidden>
        {name}
      </span>
      <span id={descriptionId} className={classes['details']}>
        <span>{method?.label ?? credential.method}</span>
        {identity !== null && <bdi className={classes['account']}>{identity.organizationName}</bdi>}
        {description !== '' && (
          <span className={classes['description']} dir="auto">
            {description}
          </span>
        )}
        <Tags tags={tags} />
        {owner.id !== me?.id && (
          <span>
            Shared by <Owner owner={owner} />
          </span>
        )}
        <span className={classes['status']}>
          <StatusBadge status={status} /> <TimeAgo at={statusAt} />
        </span>
        {status === 'failed' && reason !== null && <span>{reason.message}</span>}
      </span>
      {status === 'failed' && (
        <Button
          variant="default"
          size="compact-sm"
          className={classes['fix'] ?? ''}
          onClick={onFix}
          aria-label={`Fix ${name}`}
        >
          Fix
        </Button>
      )}
    </TileRadio>
  )
}
