import type { Credential } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { expect } from 'vitest'
import { type Browser, consent, location } from '../../browser.ts'
import { publicUrl, type Running, startRunning } from '../../running.ts'

/** A server beside the sandbox, and a person with a browser who authorizes. */
export class AuthorizationGround implements AsyncDisposable {
  readonly sandbox: Sandbox
  readonly server: Running
  readonly person: Browser

  private constructor(sandbox: Sandbox, server: Running, person: Browser) {
    this.sandbox = sandbox
    this.server = server
    this.person = person
  }

  static async prepare(): Promise<AuthorizationGround> {
    const sandbox = await startSandbox({ leads: 5 })
    const server = await startRunning(sandbox)
    return new AuthorizationGround(sandbox, server, await server.signedIn())
  }

  organization(index: number): string {
    return this.sandbox.organizations[index]?.id ?? ''
  }

  app(): { readonly clientId: string; readonly clientSecret: string } {
    return this.sandbox.oauthApps[0] ?? { clientId: '', clientSecret: '' }
  }

  tokenPosts(): number {
    return this.sandbox.control.requests().filter(({ path }) => path === '/oauth2/token/').length
  }

  draft(values: Record<string, string> = {}): Promise<Credential> {
    const { clientId, clientSecret } = this.app()
    return this.person.client.credentials.create({
      body: {
        connector: 'close',
        method: 'oauth2',
        draft: true,
        values: { clientId, clientSecret, ...values },
      },
    })
  }

  async begin(id: string, options: { display?: 'popup' | 'page'; returnTo?: string } = {}): Promise<string> {
    const { authorizeUrl } = await this.person.client.credentials.authorize({
      params: { id },
      body: { display: 'popup', ...options },
    })
    return authorizeUrl
  }

  /** Where the callback sends the browser. */
  async finish(callback: string, browser = this.person): Promise<URL> {
    const answer = await browser.fetch(callback)
    expect(answer.status).toBe(303)
    return new URL(location(answer), publicUrl)
  }

  get(id: string): Promise<Credential> {
    return this.person.client.credentials.get({ params: { id } })
  }

  /** Draft, consent and callback in one go; answers where the browser ended. */
  async authorize(id: string, organizationId = this.organization(0)): Promise<URL> {
    const callback = await consent(this.person, await this.begin(id), { decision: 'allow', organizationId })
    return this.finish(callback)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop()
    await this.sandbox.close()
  }
}
