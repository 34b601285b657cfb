import type { ConnectorDefinition } from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { Detail, Details } from '../ui/Details.tsx'
import { TextLink } from '../ui/TextLink.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { flowsOfSideQuery, type Side, type SideKind } from './queries.ts'
import classes from './SidesPage.module.css'

interface SideDetailsProps {
  kind: SideKind
  side: Side
  connector: ConnectorDefinition | undefined
}

/** What a source or destination is part of: its system, its credential, and the flows that use it. */
export function SideDetails({ kind, side, connector }: SideDetailsProps) {
  const { data: flows } = useQuery({ ...flowsOfSideQuery(kind, side.id), enabled: side.flowCount > 0 })
  const unseen = flows === undefined ? 0 : Math.max(0, side.flowCount - flows.length)
  return (
    <Details compact>
      <Detail name="Connector">{connector?.label ?? side.connector}</Detail>
      {side.credentialId !== null && (
        <Detail name="Credential">
          <TextLink to="/credentials" search={{ id: side.credentialId }}>
            <bdi>{side.credentialName}</bdi>
          </TextLink>
        </Detail>
      )}
      {side.credentialHidden && <Detail name="Credential">one that isn’t shared with you</Detail>}
      <Detail name="Used by">
        {side.flowCount === 0 ? (
          'no flow'
        ) : (
          <ul className={classes['flows']} style={{ minHeight: `${Math.min(side.flowCount, 200) * 20}px` }}>
            {flows?.map((flow) => (
              <li key={flow.id}>
                <TextLink to="/flows/$flowId" params={{ flowId: flow.id }}>
                  <bdi>{flow.name}</bdi>
                </TextLink>
              </li>
            ))}
            {unseen > 0 && (
              <li>
                {unseen === 1 ? '1 flow' : `${unseen} flows`} that {unseen === 1 ? 'isn’t' : 'aren’t'} shared
                with you
              </li>
            )}
          </ul>
        )}
      </Detail>
      <Detail name="Last used">
        {side.lastUsedAt === null ? 'never' : <TimeAgo at={side.lastUsedAt} />}
      </Detail>
      <Detail name="Created">
        <TimeAgo at={side.createdAt} />
      </Detail>
    </Details>
  )
}
