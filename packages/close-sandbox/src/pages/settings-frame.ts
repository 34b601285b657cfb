import { type Accounts, fullName, type Membership } from '../accounts/accounts.ts'
import { nameOf, type Organization } from '../data/organization.ts'
import { escapeHtml, type HttpAnswer, htmlAnswer } from '../http/http.ts'
import { pageFrame } from '../http/page-frame.ts'
import { copyScript, copyScriptSource } from './copy.ts'

/** What the settings pages need to know of the sandbox. */
export interface SettingsContext {
  readonly accounts: Accounts
  readonly organizations: ReadonlyMap<string, Organization>
}

/** Where the settings pages are, as at Close. */
export const keysPath = '/settings/developer/api-keys/'
export const appsPath = '/settings/developer/oauth-apps/'

/** The membership that somebody is signed in with: the one asked for, or the first. */
export function signedIn(id: string | null, { accounts }: SettingsContext): Membership | undefined {
  const active = [...accounts.memberships.values()].filter(({ userId, organizationId }) =>
    accounts.mayActFor(userId, organizationId),
  )
  return active.find((membership) => membership.id === id) ?? active[0]
}

interface SettingsPage {
  readonly status?: number
  readonly path: typeof keysPath | typeof appsPath
  readonly membership: Membership
  readonly title: string
  /** What is wrong with what was sent; null if nothing is. */
  readonly fault: string | null
  /** HTML. */
  readonly content: string
}

/** A page under Settings > Developer, with the way to the other and to another user. Everything but Copy works without JavaScript. */
export function settingsAnswer(page: SettingsPage, context: SettingsContext): HttpAnswer {
  const { path, membership, title, fault, content } = page
  const link = (target: string, label: string): string =>
    `<a href="${target}?as=${membership.id}"${target === path ? ' aria-current="page"' : ''}>${label}</a>`
  return htmlAnswer(
    page.status ?? (fault === null ? 200 : 400),
    pageFrame(
      `${title} · CRM Sandbox`,
      `<main class="card wide">
<p class="brand">CRM Sandbox</p>
<p class="quiet">Settings &rsaquo; Developer</p>
<nav aria-label="Developer" class="tabs">${link(keysPath, 'API Keys')}${link(appsPath, 'OAuth Apps')}</nav>
<form method="get" action="${path}">
<label for="as">Signed in as</label>
<div class="row"><select id="as" name="as">${options(membership, context)}</select><button type="submit">Switch</button></div>
</form>
<h1>${title}</h1>
${fault === null ? '' : `<p class="message" role="alert">${escapeHtml(fault)}</p>`}
${content}
</main>${copyScript}`,
    ),
    { scriptSource: copyScriptSource },
  )
}

function options(chosen: Membership, { accounts, organizations }: SettingsContext): string {
  return [...accounts.memberships.values()]
    .filter(({ userId, organizationId }) => accounts.mayActFor(userId, organizationId))
    .map(({ id, userId, organizationId }) => {
      const user = accounts.users.get(userId)
      const organization = organizations.get(organizationId)
      const text = `${user ? fullName(user) : userId}, ${organization ? nameOf(organization) : organizationId}`
      return `<option value="${escapeHtml(id)}"${id === chosen.id ? ' selected' : ''}>${escapeHtml(text)}</option>`
    })
    .join('')
}

/** A field of a form to fill in, with what was typed before. */
export function textField(
  name: string,
  label: string,
  typed: string,
  { required = false, help = '' }: { required?: boolean; help?: string },
): string {
  const described = help === '' ? '' : ` aria-describedby="${name}-help"`
  return `<p class="field"><label for="${name}">${escapeHtml(label)}${required ? '' : ' <span class="quiet">(optional)</span>'}</label>
<input id="${name}" name="${name}" value="${escapeHtml(typed)}" maxlength="200" autocomplete="off"${required ? ' required' : ''}${described}>
${help === '' ? '' : `<span id="${name}-help" class="quiet">${escapeHtml(help)}</span>`}</p>`
}
