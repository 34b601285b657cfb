import { Stack } from '@mantine/core'
import { useMe } from '../api/session-query.ts'
import { FilesSection } from '../files/FilesSection.tsx'
import { AlertWays } from '../health/AlertWays.tsx'
import { KeysSection } from '../master-keys/KeysSection.tsx'
import { MembersSection } from '../members/MembersSection.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { AccountSection } from './AccountSection.tsx'
import { PasskeysSection } from './PasskeysSection.tsx'
import { ServerSection } from './ServerSection.tsx'
import { SignInsSection } from './SignInsSection.tsx'
import { TokensSection } from './TokensSection.tsx'

/** Your account, your API tokens, who may sign in, and how this server is set up. */
export function SettingsPage() {
  const me = useMe()
  return (
    <>
      <PageHeader
        title="Settings"
        description="Your account, who may sign in, and how this server is set up."
      />
      <Stack gap="lg" maw={880}>
        <AccountSection />
        <PasskeysSection />
        <SignInsSection />
        <MembersSection />
        <TokensSection />
        <FilesSection />
        {me?.role === 'admin' && <AlertWays />}
        {me?.role === 'admin' && <KeysSection />}
        <ServerSection />
      </Stack>
    </>
  )
}
