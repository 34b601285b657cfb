import { Stack } from '@mantine/core'
import { AlertChannels } from '../alerts/AlertChannels.tsx'
import { AlertPreferences } from '../alerts/AlertPreferences.tsx'
import { useMe } from '../api/session-query.ts'
import { FilesSection } from '../files/FilesSection.tsx'
import { KeysSection } from '../master-keys/KeysSection.tsx'
import { MembersSection } from '../members/MembersSection.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { PasskeysSection } from './PasskeysSection.tsx'
import { ProfileSection } from './ProfileSection.tsx'
import { ServerSection } from './ServerSection.tsx'
import { SignInsSection } from './SignInsSection.tsx'
import { TokensSection } from './TokensSection.tsx'

/** Your profile, your API tokens, who may sign in, and how this server is set up. */
export function SettingsPage() {
  const me = useMe()
  return (
    <>
      <PageHeader
        title="Settings"
        description="Your profile, who may sign in, and how this server is set up."
      />
      <Stack gap="lg" maw={880}>
        <ProfileSection />
        <PasskeysSection />
        <SignInsSection />
        <MembersSection />
        <TokensSection />
        <FilesSection />
        <AlertPreferences />
        {me?.role === 'admin' && <AlertChannels />}
        {me?.role === 'admin' && <KeysSection />}
        <ServerSection />
      </Stack>
    </>
  )
}
