import type { Client } from '@latchwork/contract'
import type { Answer, Browse } from './browserless.ts'
import type { Demo } from './parts.ts'

/**
 * Does what a person does in the overlay and on the consent page: saves a draft with the sandbox's OAuth app, goes to
 * Close, chooses the organization and allows access.
 * @returns the id of the authorized draft, ready to be saved
 */
export async function authorizeDraft(
  client: Client,
  browse: Browse,
  demo: Demo,
  organizationId: string,
): Promise<string> {
  const app = demo.sandbox.oauthApps[0]
  if (!app) throw new Error('The sandbox has no OAuth app.')
  const draft = await client.credentials.create({
    body: {
      connector: 'close',
      method: 'oauth2',
      draft: true,
      values: { clientId: app.clientId, clientSecret: app.clientSecret },
    },
  })
  await grant(client, browse, demo, draft.id, organizationId)
  return draft.id
}

/** Authorizes a draft or a saved credential through Close's page. */
export async function grant(
  client: Client,
  browse: Browse,
  demo: Demo,
  id: string,
  organizationId: string,
): Promise<void> {
  const { authorizeUrl } = await client.credentials.authorize({ params: { id }, body: { display: 'popup' } })
  const consent = await (await browse(authorizeUrl)).text()
  const page = new URL(authorizeUrl)
  const granted = await browse(page.origin + page.pathname, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: consentForm(consent, organizationId),
  })
  const callback = redirectOf(granted)
  if (!callback.startsWith(`${demo.url}/oauth/callback?`))
    throw new Error('Close sent the browser somewhere else.')
  const done = new URL(redirectOf(await browse(callback)), demo.url)
  const result = done.searchParams.get('result')
  if (result !== 'ok') throw new Error(`The authorization ended with "${result}".`)
}

/** The consent page's form as a browser would send it after choosing an organization and pressing Allow. */
function consentForm(html: string, organizationId: string): string {
  const form = new URLSearchParams()
  for (const [tag] of html.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)) {
    form.append(attribute(tag, 'name'), attribute(tag, 'value'))
  }
  form.set('organization_id', organizationId)
  form.set('decision', 'allow')
  return form.toString()
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
  return value
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

function redirectOf(answer: Answer): string {
  if (answer.location === null) throw new Error(`Expected a redirect, got status ${answer.status}.`)
  return answer.location
}
