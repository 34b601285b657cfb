import type { ConnectorDefinition } from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { TextLink } from '../ui/TextLink.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { type End, type EndKind, flowsOfEndQuery } from './queries.ts'
import classes from './SidesPage.module.css'

interface EndFactsProps {
  kind: EndKind
  end: End
  connector: ConnectorDefinition | undefined
}

/** What a source or destination is part of: its system, its credential, and the flows that use it. */
export function EndFacts({ kind, end, connector }: EndFactsProps) {
  const { data: flows } = useQuery({ ...flowsOfEndQuery(kind, end.id), enabled: end.flowCount > 0 })
  const unseen = flows === undefined ? 0 : Math.max(0, end.flowCount - flows.length)
  return (
    <dl className={classes['facts']}>
      <dt>Connector</dt>
      <dd>{connector?.label ?? end.connector}</dd>
      {end.credentialId !== null && (
        <>
          <dt>Credential</dt>
          <dd>
            <TextLink to="/credentials" search={{ id: end.credentialId }}>
              <bdi>{end.credentialName}</bdi>
            </TextLink>
          </dd>
        </>
      )}
      {end.credentialHidden && (
        <>
          <dt>Credential</dt>
          <dd>one that isn’t shared with you</dd>
        </>
      )}
      <dt>Used by</dt>
      <dd>
        {end.flowCount === 0 ? (
          'no flow'
        ) : (
          <ul className={classes['flows']} style={{ minHeight: `${Math.min(end.flowCount, 200) * 20}px` }}>
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
      </dd>
      <dt>Last used</dt>
      <dd>{end.lastUsedAt === null ? 'never' : <TimeAgo at={end.lastUsedAt} />}</dd>
      <dt>Made</dt>
      <dd>
        <TimeAgo at={end.createdAt} />
      </dd>
    </dl>
  )
}
