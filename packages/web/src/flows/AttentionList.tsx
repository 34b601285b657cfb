import type { Attention, Credential, ListedFlow } from '@latchwork/contract'
import {
  IconAlertTriangleFilled,
  IconCircleXFilled,
  IconClock,
  IconPlayerPauseFilled,
} from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { FramedList } from '../ui/lists.tsx'
import { formatCount } from '../ui/number-words.ts'
import { TimeAgo, TimeUntil } from '../ui/TimeAgo.tsx'
import { AttentionAction } from './AttentionAction.tsx'
import classes from './AttentionList.module.css'
import { CredentialButton } from './CredentialButton.tsx'
import { FlowMenu, type FlowMenuProps } from './FlowMenu.tsx'

interface AttentionListProps {
  credentials: readonly Credential[]
  flows: readonly ListedFlow[]
  menuOf(flow: ListedFlow): Omit<FlowMenuProps, 'flow'>
}

/** What needs somebody: credentials first, since one may keep many flows. Each with its reason, and what helps. */
export function AttentionList({ credentials, flows, menuOf }: AttentionListProps) {
  return (
    <FramedList label="Needs attention">
      {credentials.map((credential) => (
        <CredentialRow key={credential.id} credential={credential} />
      ))}
      {flows.map((flow) => (
        <AttentionRow
          key={flow.id}
          kind={flow.attention?.kind ?? 'failed'}
          name={
            <Link
              to="/flows/$flowId"
              params={{ flowId: flow.id }}
              className={classes['name']}
              title={flow.name}
            >
              <bdi>{flow.name}</bdi>
            </Link>
          }
          reason={flow.attention !== null && <Reason attention={flow.attention} />}
        >
          <AttentionAction flow={flow} />
          <FlowMenu flow={flow} {...menuOf(flow)} />
        </AttentionRow>
      ))}
    </FramedList>
  )
}

const looks = {
  failed: { Icon: IconCircleXFilled, tone: 'bad' },
  partial: { Icon: IconAlertTriangleFilled, tone: 'warning' },
  late: { Icon: IconClock, tone: 'warning' },
  paused: { Icon: IconPlayerPauseFilled, tone: 'warning' },
} as const

const words: Record<Attention['kind'], string> = {
  failed: 'Failed',
  partial: 'Partial',
  late: 'Late, noticed',
  paused: 'Paused',
}

interface AttentionRowProps {
  kind: Attention['kind']
  name: ReactNode
  reason: ReactNode
  children: ReactNode
}

function AttentionRow({ kind, name, reason, children }: AttentionRowProps) {
  const { Icon, tone } = looks[kind]
  return (
    <li className={classes['row']}>
      <Icon size={16} className={classes['icon']} data-tone={tone} aria-hidden />
      <div className={classes['text']}>
        {name}
        <div className={classes['reason']}>{reason}</div>
      </div>
      <div className={classes['actions']}>{children}</div>
    </li>
  )
}

function Reason({ attention: { kind, message, at, retryAt } }: { attention: Attention }) {
  return (
    <>
      {words[kind]} <TimeAgo at={at} />: <span dir="auto">{message}</span>
      {retryAt !== null && (
        <>
          {' '}
          Tried again by itself <TimeUntil at={retryAt} />.
        </>
      )}
    </>
  )
}

function CredentialRow({ credential }: { credential: Credential }) {
  const { id, name, method, reason, statusAt, usageCount } = credential
  const used =
    usageCount === 0
      ? ''
      : ` ${formatCount(usageCount)} ${usageCount === 1 ? 'source, destination or pass uses' : 'sources, destinations and passes use'} it.`
  return (
    <AttentionRow
      kind="failed"
      name={
        <Link to="/credentials" search={{ id }} className={classes['name']} title={name}>
          <span className={classes['kind']}>Credential</span> <bdi>{name}</bdi>
        </Link>
      }
      reason={
        <>
          Failed <TimeAgo at={statusAt} />:{' '}
          <span dir="auto">{reason?.message ?? 'It does not work any more.'}</span>
          {used}
        </>
      }
    >
      <CredentialButton id={id} name={name} method={method} />
    </AttentionRow>
  )
}
