import { type Client, createClient } from '@latchwork/contract'
import type { Browser } from '../browser.ts'
import type { Running } from '../running.ts'

export const password = 'another long pass phrase'

/** A person who became a member by an invitation of `inviter`; signed in. */
export async function join(
  server: Running,
  inviter: Browser,
  name: string,
  role: 'admin' | 'member' = 'member',
): Promise<{ id: string; email: string; browser: Browser; client: Client }> {
  const email = `${name.toLowerCase()}@hollowoak.example`
  const { link } = await inviter.client.invitations.create({ body: { email, role } })
  const browser = server.browser()
  const token = new URL(link).searchParams.get('token') ?? ''
  const { user } = await browser.client.invitations.accept({ body: { token, name, password } })
  return { id: user?.id ?? '', email, browser, client: browser.client }
}

/** The same member as a program with an API token. */
export async function programOf(
  server: Running,
  person: Browser,
): Promise<{ client: Client; token: string }> {
  const { secret } = await person.client.tokens.create({ body: { name: 'a program' } })
  const browser = server.browser()
  const fetch = browser.fetch.bind(browser)
  return { token: secret, client: createClient({ baseUrl: server.url, token: secret, fetch }) }
}
