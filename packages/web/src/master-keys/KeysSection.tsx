import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { Section } from '../ui/Section.tsx'
import classes from './master-keys.module.css'
import { isRotating, keysQuery } from './queries.ts'
import { ageOf, roleOf } from './words.ts'

/** The status of the master key in a line, with a link to its page. */
export function KeysSection() {
  const { data, error } = useQuery(keysQuery)
  const active = data?.items.find((key) => roleOf(key) === 'active')
  return (
    <Section
      title="Master keys and backup"
      description="What every stored secret is encrypted with, and what a restore needs."
      actions={
        <Button variant="default" component={Link} to="/settings/keys">
          Master keys
        </Button>
      }
    >
      {data === undefined && error === null && (
        <ListSkeleton label="Loading the master keys" rows={1} rowHeight={20} />
      )}
      {error !== null && <ProblemAlert error={error} />}
      {active !== undefined && ageOf(active).tone === 'warning' && (
        <Notice tone="warning" message={`${ageOf(active).inUse}, ${ageOf(active).left}.`} />
      )}
      {active !== undefined && ageOf(active).tone === 'good' && (
        <Text>
          <code className={classes['fingerprint']}>{active.id}</code>{' '}
          {isRotating(data) ? 'A rotation is under way.' : `${ageOf(active).inUse}, ${ageOf(active).left}.`}
        </Text>
      )}
    </Section>
  )
}
