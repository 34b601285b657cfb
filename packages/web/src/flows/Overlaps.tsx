import type { Flow, FlowDraft, FlowOverlap, FlowOverlaps } from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { Notice } from '../ui/ProblemAlert.tsx'
import { TextLink } from '../ui/TextLink.tsx'
import classes from './Overlaps.module.css'
import { draftOverlapsQuery, overlapsQuery } from './warning-queries.ts'

/** Warns of other flows that write to a table or file of this one. */
export function Overlaps({ flow }: { flow: Flow }) {
  const { data } = useQuery(overlapsQuery(flow))
  return <OverlapsNotice data={data} />
}

/** The same of one that is not saved yet. */
export function DraftOverlaps({ draft }: { draft: FlowDraft }) {
  const { data } = useQuery(draftOverlapsQuery(draft))
  return <OverlapsNotice data={data} />
}

function OverlapsNotice({ data }: { data: FlowOverlaps | undefined }) {
  if (data === undefined || data.items.length + data.hidden === 0) return null
  return (
    <Notice
      tone="warning"
      message={`${titleOf(data)} What one writes, the other may replace, mark as deleted or remove. Give one of them another destination, or other names for its streams.`}
    >
      {data.items.length > 0 && (
        <ul className={classes['flows']}>
          {data.items.map((overlap) => (
            <li key={overlap.flow.id}>
              <TextLink to="/flows/$flowId" params={{ flowId: overlap.flow.id }}>
                <bdi>{overlap.flow.name}</bdi>
              </TextLink>
              : {namesOf(overlap)}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  )
}

function titleOf({ items, hidden }: FlowOverlaps): string {
  const count = items.length + hidden
  const unseen =
    hidden === 0 ? '' : hidden === count ? ' that you may not see' : ` (${hidden} that you may not see)`
  return count === 1
    ? `Another flow${unseen} writes to the same place.`
    : `${count} other flows${unseen} write to the same place.`
}

function namesOf({ kind, names, count }: FlowOverlap): string {
  const words = count === 1 ? kind : `${kind}s`
  if (count === 0) return `the same ${kind}s, since both read everything`
  const more = count - names.length
  return `the ${words} ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
