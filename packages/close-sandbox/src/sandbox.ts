import type { AddressInfo } from 'node:net'
import type { ApiKey, User } from './accounts/accounts.ts'
import { SandboxControl } from './control/control.ts'
import { createControlApi } from './control/control-api.ts'
import { nameOf } from './data/organization.ts'
import type { OAuthApp } from './oauth/grants.ts'
import type { SandboxOptions } from './options.ts'
import { createSandboxServer } from './server/server.ts'
import { createWorld, type World } from './world.ts'

/** A running sandbox. */
export interface Sandbox {
  /** REST at `${apiUrl}/api/v1/`, tokens at `${apiUrl}/oauth2/token/`. */
  readonly apiUrl: string
  /** The consent page at `${appUrl}/oauth2/authorize/`. */
  readonly appUrl: string
  /** `leads` sets the size of the first one. */
  readonly organizations: readonly { readonly id: string; readonly name: string }[]
  readonly users: readonly User[]
  /** First an admin's key for each organization, in their order, then ordinary users' keys. */
  readonly apiKeys: readonly ApiKey[]
  readonly oauthApps: readonly OAuthApp[]
  readonly control: SandboxControl
  /** Stops at once, also with hanging connections. A second call does nothing. */
  close(): Promise<void>
}

/**
 * Starts a sandbox on a loopback port.
 * @throws Error when the port is taken
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = createWorld(options)
  const control = new SandboxControl(world)
  const server = createSandboxServer(world, createControlApi(world, control))
  const host = options.host ?? '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const url = addressOf(server.address(), host)
  return {
    ...accountsOf(world),
    apiUrl: url,
    appUrl: url,
    control,
    close: () =>
      new Promise((resolve, reject) => {
        if (!server.listening) return resolve()
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

function accountsOf({
  organizations,
  accounts,
  grants,
}: World): Pick<Sandbox, 'organizations' | 'users' | 'apiKeys' | 'oauthApps'> {
  return {
    organizations: [...organizations.values()].map((organization) => ({
      id: organization.id,
      name: nameOf(organization),
    })),
    users: [...accounts.users.values()],
    apiKeys: accounts.keys(),
    oauthApps: [...grants.apps.values()],
  }
}

function addressOf(address: AddressInfo | string | null, host: string): string {
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}
