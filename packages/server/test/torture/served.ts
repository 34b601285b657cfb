import type { Clock } from '@latchwork/connectors'
import { newId } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { type RefreshReuse, type Sandbox, startSandbox } from 'close-sandbox'
import { openVault } from '../../src/master-keys/open.ts'
import type { Browser } from '../browser.ts'
import { tokenRequests } from '../credentials/refresh-with-close.ts'
import { newCredential } from '../database/samples.ts'
import { publicUrl, type Running, startRunning } from '../running.ts'
import { exchangeCode } from './peer.ts'
import { makePlace, type StoreKind } from './places.ts'

/** A whole server with a sandbox and an administrator's browser. */
export interface Served extends AsyncDisposable {
  readonly sandbox: Sandbox
  readonly server: Running
  readonly person: Browser
  /** The ids of so many credentials of one app, each with a grant of its own and an access token that is about to end. */
  credentials(count: number): Promise<string[]>
  /** Requests that Close has seen, with a token to the token endpoint and to anything else. */
  sent(): { readonly token: number; readonly api: number }
}

export async function serve(
  store: StoreKind,
  {
    clock,
    refreshReuse = { mode: 'refuse' },
  }: { readonly clock?: Clock; readonly refreshReuse?: RefreshReuse } = {},
): Promise<Served> {
  const redirectUris = [`${publicUrl}/oauth/callback`]
  const sandbox = await startSandbox({ leads: 1, redirectUris, refreshReuse })
  const place = await makePlace(store)
  const server = await startRunning(sandbox, {
    settings: { databaseUrl: place.settings.databaseUrl },
    ...(clock === undefined ? {} : { clock }),
  })
  const person = await server.signedIn()
  return {
    sandbox,
    server,
    person,
    credentials: async (count) => {
      const ids: string[] = []
      while (ids.length < count) ids.push(await addOAuthCredential(server, person, sandbox, 60_000))
      sandbox.control.clearRequests()
      return ids
    },
    sent: () => {
      const requests = sandbox.control.requests()
      const api = requests.filter(({ path }) => path !== '/oauth2/token/').length
      return { token: tokenRequests(sandbox), api }
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await place.remove()
      await sandbox.close()
    },
  }
}

/** A credential of the sandbox's app with a grant of its own. @param leftMs of its access token */
async function addOAuthCredential(
  server: Running,
  person: Browser,
  sandbox: Sandbox,
  leftMs: number,
): Promise<string> {
  const { stores } = server.app
  const vault = await openVault(server.settings, stores.metadata)
  const { user } = await person.client.session.get()
  const [app] = sandbox.oauthApps
  if (user === null || app === undefined) throw new Error('nobody is signed in, or the sandbox has no app')
  const { clientId } = app
  const redirectUri = `${publicUrl}/oauth/callback`
  const pair = await exchangeCode(sandbox.apiUrl, app, sandbox.control.authorize({ clientId, redirectUri }))
  const id = newId('credential')
  const sealed = await vault.seal(
    { table: 'credentials', rowId: id, version: 1 },
    {
      clientSecret: new Secret(app.clientSecret),
      accessToken: new Secret(pair.accessToken),
      refreshToken: new Secret(pair.refreshToken),
    },
  )
  const accessTokenExpiresAt = Date.now() + leftMs
  const values = { clientId }
  const made = { id, ownerId: user.id, method: 'oauth2', values, sealed, accessTokenExpiresAt }
  await stores.credentials.insert(newCredential(made))
  return id
}
