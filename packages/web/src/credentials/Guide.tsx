import type { MethodDefinition } from '@latchwork/contract'
import { Title } from '@mantine/core'
import { IconAlertTriangle, IconBook2, IconChevronRight, IconInfoCircle } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { ExternalLink } from '../ui/ExternalLink.tsx'
import { GuideText } from '../ui/GuideText.tsx'
import classes from './guide.module.css'

interface GuideProps {
  guide: MethodDefinition['guide']
  /** The position of the step that speaks of the field in focus. */
  step: number | null
}

/** The guide of the method chosen, beside the form. */
export function GuidePanel({ guide, step }: GuideProps) {
  return (
    <aside className={classes['panel']} aria-label={guide.title}>
      <Title order={3} size="h3" mb="md">
        {guide.title}
      </Title>
      <GuideBody guide={guide} step={step} />
    </aside>
  )
}

/** The guide on a narrow screen: folded away until it is wanted. */
export function GuideFold({ guide, step }: GuideProps) {
  return (
    <details className={classes['fold']}>
      <summary>
        <IconBook2 size={16} aria-hidden />
        <span>{guide.title}, step by step</span>
        <IconChevronRight size={16} aria-hidden className={classes['chevron']} />
      </summary>
      <GuideBody guide={guide} step={step} />
    </details>
  )
}

function GuideBody({ guide, step }: GuideProps) {
  const current = useRef<HTMLLIElement>(null)
  useEffect(() => {
    const panel = current.current?.closest('aside')
    const item = current.current
    if (step === null || item === null || panel === null || panel === undefined) return
    // Only the panel scrolls: `scrollIntoView` would move the form under the person's hands too.
    const top = item.offsetTop - panel.offsetTop
    const hidden = top < panel.scrollTop || top + item.offsetHeight > panel.scrollTop + panel.clientHeight
    if (hidden) panel.scrollTo({ top: top - 48 })
  }, [step])
  return (
    <div className={classes['guide']}>
      <ol>
        {guide.steps.map((each, index) => (
          <li
            key={each.text}
            ref={index === step ? current : null}
            aria-current={index === step ? 'step' : undefined}
          >
            <GuideText text={each.text} />
            {each.link !== undefined && (
              <>
                {' '}
                <ExternalLink href={each.link.url}>{each.link.label}</ExternalLink>
              </>
            )}
          </li>
        ))}
      </ol>
      <ul className={classes['warnings']}>
        {guide.warnings.map((warning, index) => (
          <li key={warning} data-first={index === 0}>
            {index === 0 ? (
              <IconAlertTriangle size={16} aria-hidden />
            ) : (
              <IconInfoCircle size={16} aria-hidden />
            )}
            <span>
              <GuideText text={warning} />
            </span>
          </li>
        ))}
      </ul>
      <ul className={classes['links']}>
        {guide.links.map((link) => (
          <li key={link.url}>
            <ExternalLink href={link.url}>{link.label}</ExternalLink>
          </li>
        ))}
      </ul>
    </div>
  )
}
