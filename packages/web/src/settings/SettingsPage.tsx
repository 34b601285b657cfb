import { Stack } from '@mantine/core'
import { PageHeader } from '../app/PageHeader.tsx'
import { MembersSection } from '../members/MembersSection.tsx'
import { AccountSection } from './AccountSection.tsx'
import { ServerSection } from './ServerSection.tsx'
import { TokensSection } from './TokensSection.tsx'

/** Your account, your API tokens, and how this server is set up. */
export function SettingsPage() {
  return (
    <>
      <PageHeader
        title="Settings"
        description="Your account, your API tokens, and how this server is set up."
      />
      <Stack gap="lg" maw={880}>
        <AccountSection />
        <MembersSection />
        <TokensSection />
        <ServerSection />
      </Stack>
    </>
  )
}
