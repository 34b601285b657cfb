import { Button } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { sessionQuery } from '../app/session-query.ts'
import { useSignOut } from '../app/useSignOut.ts'
import { Fact, Facts } from './Facts.tsx'
import { Section } from './Section.tsx'

/** Who is signed in. */
export function AccountSection() {
  const { user } = useSuspenseQuery(sessionQuery).data
  const signOut = useSignOut()
  if (user === null) return null
  return (
    <Section
      title="Account"
      description="Who you are here."
      actions={
        <Button variant="default" loading={signOut.isPending} onClick={() => signOut.mutate()}>
          Sign out
        </Button>
      }
    >
      <Facts>
        <Fact name="Name">
          <bdi>{user.name}</bdi>
        </Fact>
        <Fact name="Email">{user.email}</Fact>
        <Fact name="Role">{user.role === 'admin' ? 'Administrator' : 'Member'}</Fact>
      </Facts>
    </Section>
  )
}
