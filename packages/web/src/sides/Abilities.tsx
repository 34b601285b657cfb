import type { Abilities as AbilitiesOf, ConnectorDefinition } from '@latchwork/contract'
import { Title } from '@mantine/core'
import { DefinedIcon } from '../ui/ConnectorIcon.tsx'
import { Detail, Details } from '../ui/Details.tsx'
import { GuideText } from '../ui/GuideText.tsx'
import classes from './Abilities.module.css'

const questions = [
  ['streams', 'Streams'],
  ['deletions', 'Deleted records'],
  ['evolution', 'Columns that change'],
  ['repeat', 'The same records again'],
] as const satisfies readonly (readonly [keyof AbilitiesOf, string])[]

/** What a destination does with streams, deletions, changed columns and repeated records. */
export function Abilities({ abilities }: { abilities: AbilitiesOf }) {
  return (
    <Details compact>
      {questions.map(([name, label]) => (
        <Detail key={name} name={label}>
          <span>
            <GuideText text={abilities[name]} />
          </span>
        </Detail>
      ))}
    </Details>
  )
}

/** The same of every destination side by side, for who chooses one. */
export function ComparedAbilities({ connectors }: { connectors: readonly ConnectorDefinition[] }) {
  return (
    <section aria-labelledby="abilities">
      <Title id="abilities" order={3} mb={8}>
        What each can do
      </Title>
      <div className={classes['all']}>
        {connectors.map(
          ({ id, label, icon, destination }) =>
            destination !== null && (
              <section key={id} className={classes['one']} aria-label={label}>
                <p className={classes['name']}>
                  <DefinedIcon icon={icon} size={16} /> {label}
                </p>
                {questions.map(([name, question]) => (
                  <div key={name} className={classes['answer']}>
                    <span className={classes['question']}>{question}</span>
                    <span>
                      <GuideText text={destination.abilities[name]} />
                    </span>
                  </div>
                ))}
              </section>
            ),
        )}
      </div>
    </section>
  )
}
