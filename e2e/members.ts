import type { Page } from '@playwright/test'
import { present } from './accounts.ts'
import type { Product } from './product.ts'

let joined = 0

/** Makes a member and signs the page's browser in as them. */
export async function signInAsMember(
  { client }: Product,
  page: Page,
  name: string,
): Promise<{ readonly id: string; readonly name: string }> {
  joined += 1
  const email = `${name.toLowerCase()}.${joined}@hollowoak.example`
  const { link } = await client.invitations.create({ body: { email, role: 'member' } })
  const token = present(new URL(link).searchParams.get('token'))
  const answer = await page.request.post('/api/invitations/accept', {
    data: { token, name, password: 'another long pass phrase' },
    headers: { 'x-latchwork': '1' },
  })
  if (!answer.ok()) throw new Error(`Joining ended with status ${answer.status()}.`)
  const { items } = await client.members.list()
  return present(items.find((member) => member.email === email))
}
