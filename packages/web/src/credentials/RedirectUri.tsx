import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { settingsQuery } from '../api/catalogue-queries.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'

export const redirectUriLabel = 'Redirect URI'

/** The address to register with the OAuth app, to the letter: comes first, because it is needed there before the rest. */
export function RedirectUri({ onFocus }: { onFocus(): void }) {
  const { data, error } = useQuery(settingsQuery)
  const uri = data?.redirectUri ?? ''
  return (
    <>
      <TextInput
        label={redirectUriLabel}
        description="Register this address with your OAuth app first, exactly as it stands here."
        readOnly
        value={uri}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
        dir="ltr"
        rightSection={<CopyButton value={uri} what="the Redirect URI" />}
        rightSectionWidth={36}
        onFocus={(event) => {
          event.currentTarget.select()
          onFocus()
        }}
      />
      {error !== null && <ProblemAlert error={error} />}
    </>
  )
}
