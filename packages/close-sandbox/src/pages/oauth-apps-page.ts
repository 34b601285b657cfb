import type { Membership } from '../accounts/accounts.ts'
import { escapeHtml, type HttpAnswer, type HttpRequest, redirectAnswer } from '../http/http.ts'
import type { Grants, OAuthApp } from '../oauth/grants.ts'
import { copyField } from './copy.ts'
import { appsPath, type SettingsContext, settingsAnswer, signedIn, textField } from './settings-frame.ts'

/**
 * Settings > Developer > OAuth Apps: makes an app, whose secret is shown once.
 * POST takes `as` (a membership's id), `name`, `description` and `redirect_uri`.
 */
export function oauthAppsPage(
  request: HttpRequest,
  context: SettingsContext & { readonly grants: Grants },
): HttpAnswer {
  const params = request.method === 'POST' ? new URLSearchParams(request.body) : request.url.searchParams
  const membership = signedIn(params.get('as'), context)
  if (!membership) return redirectAnswer(302, '/')
  const { apps } = context.grants
  const page = (more: string, fault: string | null = null): HttpAnswer => {
    const content = `${more}${list([...apps.values()])}`
    return settingsAnswer({ path: appsPath, membership, title: 'OAuth Apps', fault, content }, context)
  }
  if (request.method !== 'POST')
    return page(params.has('create') ? form(membership, params) : button(membership))
  const text = (name: string): string => (params.get(name) ?? '').trim().slice(0, 2000)
  const fault = faultOf(text('name'), text('redirect_uri'))
  if (fault !== null) return page(form(membership, params), fault)
  const app = context.grants.addApp(text('name'), [text('redirect_uri')], text('description'))
  return page(made(app, membership))
}

function faultOf(name: string, redirectUri: string): string | null {
  if (name === '') return 'Give the app a name.'
  const isHttps = URL.canParse(redirectUri) && new URL(redirectUri).protocol === 'https:'
  return isHttps ? null : 'The Redirect URL must be a whole address that begins with https://.'
}

function button({ id }: Membership, look = 'button primary'): string {
  return `<p class="actions"><a class="${look}" href="${appsPath}?as=${id}&amp;create">Create App</a></p>`
}

function form({ id }: Membership, typed: URLSearchParams): string {
  const field = (name: string, label: string, more: Parameters<typeof textField>[3]): string =>
    textField(name, label, typed.get(name) ?? '', more)
  return `<form method="post" action="${appsPath}" class="box">
<h2>New app</h2>
<input type="hidden" name="as" value="${escapeHtml(id)}">
${field('name', 'App Name', { required: true, help: 'What people see when they are asked for access.' })}
${field('description', 'App Description', {})}
${field('redirect_uri', 'Redirect URL', { required: true, help: 'Where people are sent back to, to the letter. Only https addresses.' })}
<div class="actions"><button type="submit" class="primary">Save</button><a class="button" href="${appsPath}?as=${id}">Cancel</a></div>
</form>`
}

function made({ name, clientId, clientSecret }: OAuthApp, membership: Membership): string {
  return `<section class="box made" aria-labelledby="made">
<h2 id="made">${escapeHtml(name)} is made</h2>
<p>Copy both now: the Client Secret is not shown again.</p>
${copyField('client-id', 'Client ID', clientId)}
${copyField('client-secret', 'Client Secret', clientSecret)}
</section>${button(membership, 'button')}`
}

function list(apps: readonly OAuthApp[]): string {
  const rows = apps.map(
    ({ name, description, clientId, redirectUris }) =>
      `<tr><td>${escapeHtml(name)}${description === '' ? '' : `<br><span class="quiet">${escapeHtml(description)}</span>`}</td>
<td><code>${escapeHtml(clientId)}</code></td><td><code>${redirectUris.map(escapeHtml).join('<br>')}</code></td></tr>`,
  )
  return `<div class="scroll"><table><thead><tr><th scope="col">App</th><th scope="col">Client ID</th><th scope="col">Redirect URLs</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}
