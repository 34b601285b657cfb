import { expect, it } from 'vitest'
import { consent, problem } from '../browser.ts'
import { closeCredential } from '../flows/moving.ts'
import { join } from '../identity/joining.ts'
import { startWithClose } from '../with-close.ts'

it('#51 an administrator moves no other member’s sign-in into a credential that is not theirs', async () => {
  const { sandbox, server, person: boss, stop } = await startWithClose({ leads: 1 })
  try {
    const member = await join(server, boss, 'Maple')
    const { clientId = '', clientSecret = '' } = sandbox.oauthApps[0] ?? {}
    const draft = await member.client.credentials.create({
      body: { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } },
    })
    const { authorizeUrl } = await member.client.credentials.authorize({
      params: { id: draft.id },
      body: { display: 'page' },
    })
    const organizationId = sandbox.organizations[0]?.id ?? ''
    await member.browser.fetch(
      await consent(member.browser, authorizeUrl, { decision: 'allow', organizationId }),
    )
    const id = await closeCredential(boss.client, sandbox)
    const params = { id }
    const body = { method: 'oauth2', draft: draft.id, values: {} }
    expect(await problem(boss.client.credentials.method({ params, body }))).toMatchObject({
      status: 403,
      code: 'forbidden',
    })
    expect(await boss.client.credentials.get({ params })).toMatchObject({ method: 'api_key' })

    // The member does, with the own sign-in.
    await boss.client.credentialAccess.set({ params, body: { memberId: member.id, role: 'admin' } })
    expect(await member.client.credentials.method({ params, body })).toMatchObject({
      method: 'oauth2',
      status: 'verified',
    })
  } finally {
    await stop()
  }
})
