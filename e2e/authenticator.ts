import type { CDPSession, Page } from '@playwright/test'

const sessions: CDPSession[] = []

/** Gives the page an authenticator that makes passkeys and always confirms the person's presence. */
export async function addAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  sessions.push(devtools)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

/** Takes every authenticator away again. */
export async function removeAuthenticators(): Promise<void> {
  for (const devtools of sessions.splice(0)) await devtools.detach()
}
