import type { ApiKey, Membership } from '../accounts/accounts.ts'
import { escapeHtml, type HttpAnswer, type HttpRequest, redirectAnswer } from '../http/http.ts'
import { copyField } from './copy.ts'
import { keysPath, type SettingsContext, settingsAnswer, signedIn, textField } from './settings-frame.ts'

/**
 * Settings > Developer > API Keys: makes a key, which is shown once, and deletes keys.
 * POST takes `as` (a membership's id) and either `name` or `delete` (a key's id).
 */
export function apiKeysPage(request: HttpRequest, context: SettingsContext): HttpAnswer {
  const params = request.method === 'POST' ? new URLSearchParams(request.body) : request.url.searchParams
  const membership = signedIn(params.get('as'), context)
  if (!membership) return redirectAnswer(302, '/')
  const { accounts } = context
  const { userId, organizationId } = membership
  const page = (more: string, fault: string | null = null): HttpAnswer => {
    const keys = accounts
      .keys()
      .filter((key) => key.userId === userId && key.organizationId === organizationId)
    const content = `${more}${list(keys, membership)}`
    return settingsAnswer({ path: keysPath, membership, title: 'API Keys', fault, content }, context)
  }
  if (request.method !== 'POST') return page(params.has('create') ? form(membership) : button(membership))
  const doomed = params.get('delete')
  if (doomed !== null) {
    const key = accounts.keyById(doomed)
    if (key?.userId === userId && key.organizationId === organizationId) accounts.removeKey(doomed)
    return redirectAnswer(302, `${keysPath}?as=${membership.id}`)
  }
  const name = (params.get('name') ?? '').trim()
  if (name === '') return page(form(membership), 'Name the key first.')
  return page(made(accounts.addKey(userId, organizationId, name.slice(0, 200)), membership))
}

function button({ id }: Membership, look = 'button primary'): string {
  return `<p class="actions"><a class="${look}" href="${keysPath}?as=${id}&amp;create">Create New API Key</a></p>`
}

function form({ id }: Membership): string {
  return `<form method="post" action="${keysPath}" class="box">
<h2>New API key</h2>
<input type="hidden" name="as" value="${escapeHtml(id)}">
${textField('name', 'Name', '', { required: true, help: 'For example Latchwork, to tell later what uses it.' })}
<div class="actions"><button type="submit" class="primary">Generate</button><a class="button" href="${keysPath}?as=${id}">Cancel</a></div>
</form>`
}

function made({ name, key }: ApiKey, membership: Membership): string {
  return `<section class="box made" aria-labelledby="made">
<h2 id="made">${escapeHtml(name)} is made</h2>
<p>Copy it now: the full key is shown only this once.</p>
${copyField('api-key', 'API Key', key)}
</section>${button(membership, 'button')}`
}

function list(keys: readonly ApiKey[], membership: Membership): string {
  if (keys.length === 0) return '<p class="quiet">This user has no API key in this organization.</p>'
  const rows = keys.map(
    ({ id, name, enabled }) => `<tr><td>${escapeHtml(name)}</td><td><code>${escapeHtml(id)}…</code></td>
<td>${enabled ? 'works' : 'disabled'}</td>
<td><form method="post" action="${keysPath}"><input type="hidden" name="as" value="${escapeHtml(membership.id)}">
<button type="submit" name="delete" value="${escapeHtml(id)}" aria-label="Delete ${escapeHtml(name)}">Delete</button></form></td></tr>`,
  )
  return `<div class="scroll"><table><thead><tr><th scope="col">Name</th><th scope="col">Key</th><th scope="col">State</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}
