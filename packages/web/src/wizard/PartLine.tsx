import { IconArrowRight, IconRoute } from '@tabler/icons-react'
import { sideWords } from '../sides/words.ts'
import { ConnectorIcon } from '../ui/ConnectorIcon.tsx'
import classes from './PartLine.module.css'
import type { Place } from './path.ts'

export interface PartView {
  readonly part: Place['part']
  readonly connector: string | null
  /** The choice so far, or null. */
  readonly name: string | null
  /** The target of a click; null while it can't be reached. */
  readonly target: Place | null
}

interface PartLineProps {
  parts: readonly PartView[]
  current: Place['part']
  onGo(place: Place): void
}

/** The flow as a picture that fills up: source, destination, schedule. Each part leads back to itself. */
export function PartLine({ parts, current, onGo }: PartLineProps) {
  return (
    <ol className={classes['line']} aria-label="Parts of the flow">
      {parts.map(({ part, connector, name, target }, index) => {
        const content = (
          <>
            <span className={classes['icon']}>
              {part === 'flow' ? (
                <IconRoute size={20} stroke={1.5} aria-hidden />
              ) : (
                <ConnectorIcon connector={connector ?? ''} size={20} />
              )}
            </span>
            <span className={classes['text']}>
              <span className={classes['kind']}>{part === 'flow' ? 'Flow' : sideWords[part].capital}</span>
              <bdi className={classes['name']}>
                {name ?? (part === 'flow' ? 'Name and schedule' : 'Not chosen yet')}
              </bdi>
            </span>
          </>
        )
        return (
          <li key={part} className={classes['item']} aria-current={part === current ? 'step' : undefined}>
            {index > 0 && <IconArrowRight className={classes['arrow']} size={16} aria-hidden />}
            {part !== current && target !== null ? (
              <button type="button" className={classes['part']} onClick={() => onGo(target)}>
                {content}
              </button>
            ) : (
              <span className={classes['part']} data-current={part === current} data-empty={name === null}>
                {content}
              </span>
            )}
          </li>
        )
      })}
    </ol>
  )
}
