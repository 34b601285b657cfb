import { fullName, type User } from '../accounts/accounts.ts'
import { nameOf, type Organization } from '../data/organization.ts'
import { escapeHtml } from '../http/http.ts'
import { pageFrame } from '../http/page-frame.ts'
import type { OAuthApp } from './grants.ts'

/** A checked authorization request. */
export interface AuthorizationRequest {
  readonly app: OAuthApp
  readonly redirectUri: string
  readonly state: string | null
  readonly codeChallenge: string | null
}

/** What the page shows. */
export interface ConsentPage {
  readonly authorization: AuthorizationRequest
  readonly user: User
  readonly users: readonly User[]
  readonly choices: readonly Organization[]
  readonly message: string | null
}

/** The page where a person chooses an organization and allows or declines. It works without JavaScript. */
export function consentPage({ authorization, user, users, choices, message }: ConsentPage): string {
  const { app } = authorization
  const hidden = hiddenFields(authorization)
  const options = users
    .map((each) => {
      const selected = each.id === user.id ? ' selected' : ''
      return `<option value="${escapeHtml(each.id)}"${selected}>${escapeHtml(fullName(each))} (${escapeHtml(each.email)})</option>`
    })
    .join('')
  const radios = choices
    .map((organization, at) => {
      const id = escapeHtml(organization.id)
      return `<label class="choice"><input type="radio" name="organization_id" value="${id}" required${at === 0 ? ' checked' : ''}><span>${escapeHtml(nameOf(organization))}</span></label>`
    })
    .join('')
  const empty = '<p class="message">This user belongs to no organization. Switch to another user.</p>'
  return pageFrame(
    `Authorize ${app.name}`,
    `<main class="card">
<p class="brand">CRM Sandbox</p>
<h1>Allow ${escapeHtml(app.name)} to use your account?</h1>
${message ? `<p class="message" role="alert">${escapeHtml(message)}</p>` : ''}
<form method="get" action="/oauth2/authorize/" class="switch">
${hidden}
<label for="user">Signed in as</label>
<div class="row"><select id="user" name="user_id">${options}</select><button type="submit">Switch</button></div>
</form>
<form method="post" action="/oauth2/authorize/">
${hidden}
<input type="hidden" name="user_id" value="${escapeHtml(user.id)}">
<fieldset><legend>Organization</legend>${radios || empty}</fieldset>
<p>${escapeHtml(app.name)} will be able to:</p>
<ul><li>read and change all leads, contacts, opportunities, tasks and activities you can see</li>
<li>keep this access until you revoke it</li></ul>
<p class="quiet">You will be sent to <code>${escapeHtml(authorization.redirectUri)}</code></p>
<div class="actions">
<button type="submit" name="decision" value="allow" class="primary"${radios ? '' : ' disabled'}>Allow</button>
<button type="submit" name="decision" value="decline" formnovalidate>Decline</button>
</div>
</form>
</main>`,
  )
}

/** The page for an application's request that is itself wrong. */
export function problemPage(title: string, text: string): string {
  return pageFrame(
    title,
    `<main class="card"><p class="brand">CRM Sandbox</p><h1>${escapeHtml(title)}</h1><p role="alert">${escapeHtml(text)}</p></main>`,
  )
}

function hiddenFields({ app, redirectUri, state, codeChallenge }: AuthorizationRequest): string {
  const fields: [string, string][] = [
    ['response_type', 'code'],
    ['client_id', app.clientId],
    ['redirect_uri', redirectUri],
  ]
  if (state !== null) fields.push(['state', state])
  if (codeChallenge !== null)
    fields.push(['code_challenge', codeChallenge], ['code_challenge_method', 'S256'])
  return fields
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`)
    .join('')
}
