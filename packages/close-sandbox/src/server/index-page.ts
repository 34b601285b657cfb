import { fullName } from '../accounts/accounts.ts'
import { nameOf } from '../data/organization.ts'
import { escapeHtml, type HttpAnswer, htmlAnswer } from '../http/http.ts'
import { pageFrame } from '../http/page-frame.ts'
import { appsPath, keysPath } from '../pages/settings-frame.ts'
import type { World } from '../world.ts'

/** The sandbox's front page: its users, their keys, and how to begin. */
export function indexPage(world: World, origin: string): HttpAnswer {
  const { accounts, organizations, grants } = world
  const cell = (text: string): string => `<td>${escapeHtml(text)}</td>`
  const code = (text: string): string => `<td><code>${escapeHtml(text)}</code></td>`
  const table = (heads: readonly string[], rows: readonly string[]): string =>
    `<div class="scroll"><table><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead><tbody>${rows.map((row) => `<tr>${row}</tr>`).join('')}</tbody></table></div>`
  const organizationRows = [...organizations.values()].map(
    (organization) =>
      cell(nameOf(organization)) + code(organization.id) + cell(String(organization.tables.lead.count)),
  )
  const userRows = [...accounts.users.values()].map((user) => {
    const places = accounts.membershipsOfUser(user.id).map(({ organizationId, roleId }) => {
      const organization = organizations.get(organizationId)
      return `${organization ? nameOf(organization) : organizationId} (${roleId})`
    })
    return (
      cell(fullName(user)) +
      cell(user.email) +
      cell(places.join(', ')) +
      cell(user.active ? 'active' : 'deactivated')
    )
  })
  const keyRows = accounts.keys().map((key) => {
    const organization = organizations.get(key.organizationId)
    const who = `${accounts.nameOf(key.userId)}, ${organization ? nameOf(organization) : ''}`
    return code(key.key) + cell(who) + cell(key.enabled ? 'works' : 'disabled')
  })
  const appRows = [...grants.apps.values()].map(
    (app) => cell(app.name) + code(app.clientId) + code(app.clientSecret) + code(app.redirectUris.join('\n')),
  )
  const key = accounts.keys()[0]?.key ?? 'API_KEY'
  return htmlAnswer(
    200,
    pageFrame(
      'close-sandbox',
      `<main class="card wide">
<p class="brand">close-sandbox</p>
<h1>An offline Close for developers</h1>
<p>REST API at <code>${escapeHtml(origin)}/api/v1/</code>, tokens at <code>${escapeHtml(origin)}/oauth2/token/</code>, consent page at <code>${escapeHtml(origin)}/oauth2/authorize/</code>. All data is invented, and nothing leaves this machine.</p>
<pre>curl -u ${escapeHtml(key)}: ${escapeHtml(origin)}/api/v1/me/</pre>
<p>Make keys and apps of your own, as at Close: <a href="${keysPath}">API Keys</a>, <a href="${appsPath}">OAuth Apps</a>.</p>
<h2>API keys</h2>${table(['Key', 'User and organization', 'State'], keyRows)}
<h2>OAuth apps</h2>${table(['Name', 'Client ID', 'Client secret', 'Redirect URIs'], appRows)}
<h2>Organizations</h2>${table(['Name', 'ID', 'Leads'], organizationRows)}
<h2>Users</h2>${table(['Name', 'E-mail', 'Organizations', 'State'], userRows)}
<h2>Making things go wrong</h2>
<pre>curl ${escapeHtml(origin)}/__control/faults -d '{"target":"token","kind":"drop","when":"after"}'
curl ${escapeHtml(origin)}/__control/advance-clock -d '{"milliseconds":3600000}'
curl ${escapeHtml(origin)}/__control/requests</pre>
<p class="quiet">The README of the package lists every command.</p>
</main>`,
    ),
  )
}
