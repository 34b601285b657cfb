import { randomBytes } from 'node:crypto'
import { Secret } from '@latchwork/vault'
import { afterEach, beforeAll, expect } from 'vitest'
import { placeOf } from '../../src/credentials/secrets/sealing.ts'
import { openVault } from '../../src/master-keys/open.ts'
import { consent } from '../browser.ts'
import { startWithClose, type WithClose } from '../with-close.ts'

/** For the tests of a file: credentials of several accounts at the sandbox, and what may be asked about them. */
export function accountGround() {
  let made: WithClose | null = null
  beforeAll(async () => {
    made = await startWithClose({ leads: 900, closeListLagMs: 300 })
    return made.stop
  })
  afterEach(() => {
    sandbox().control.clearFaults()
    sandbox().control.clearListPageScripts()
    sandbox().control.setLatency(0)
  })
  const started = (): WithClose => {
    if (made === null) throw new Error('the server was not started')
    return made
  }
  const sandbox = () => started().sandbox
  const server = () => started().server
  const person = () => started().person

  const api = () => person().client.credentials
  const organization = (index: number) => sandbox().organizations[index]?.id ?? ''
  /** An admin of the first organization, and another user of it. */
  const users = () => {
    const [first, second] = sandbox().users
    if (first === undefined || second === undefined) throw new Error('the sandbox has too few users')
    return { first, second }
  }
  const newKey = (userId = users().first.id, index = 0) =>
    sandbox().control.createKey(userId, organization(index))
  const unique = (what: string) => `${what} ${randomBytes(6).toString('hex')}`

  async function withKey(key = newKey()) {
    const body = { connector: 'close', method: 'api_key', name: unique('Key'), values: { apiKey: key.key } }
    const { id } = await api().create({ body })
    return { id, key, params: { id } }
  }
  async function signedIn(appName: string, userId?: string) {
    const app = sandbox().control.createOAuthApp(appName, ['https://localhost:8443/oauth/callback'])
    const { clientId, clientSecret } = app
    const values = { clientId, clientSecret }
    const { id } = await api().create({ body: { connector: 'close', method: 'oauth2', draft: true, values } })
    expect(await authorize(id, userId)).toContain('result=ok')
    await api().save({ params: { id }, body: { name: unique('Sign-in') } })
    return { id, params: { id } }
  }
  async function authorize(id: string, userId?: string, confirmIdentityChange = false): Promise<string> {
    const { authorizeUrl } = await api().authorize({
      params: { id },
      body: { display: 'popup', confirmIdentityChange },
    })
    const callback = await consent(person(), authorizeUrl, {
      decision: 'allow',
      organizationId: organization(0),
      ...(userId === undefined ? {} : { userId }),
    })
    const ended = await person().fetch(callback)
    return String(ended.headers['location'])
  }

  const leads = (credentialId: string) => ({
    connector: 'close',
    credentialId,
    config: { object: 'leads', fields: 'id,name' },
  })
  const toFile = (file: string) => ({
    connector: 'files',
    credentialId: null,
    config: { file, format: 'jsonl' },
  })
  const toLeads = (credentialId: string) => ({
    connector: 'close',
    credentialId,
    config: { object: 'leads', mode: 'create', mapping: '[{"from":"name","to":"name"}]' },
  })
  const counted = (index: number) => sandbox().control.truth(organization(index), 'lead').length
  /** Every request but the question who one is. */
  const used = () =>
    sandbox()
      .control.requests()
      .filter(({ path }) => !path.endsWith('/me/'))
  const identityOf = async (id: string) => (await api().get({ params: { id } })).identity
  const reasonOf = async (id: string) => (await api().get({ params: { id } })).reason?.code

  /** As a restored backup or an edit by hand does: another key in the row, which nobody has checked. */
  async function putKeyInDatabase(id: string, key: string): Promise<void> {
    const vault = await openVault(server().settings, server().app.stores.metadata)
    const { secretVersion } = (await server().app.stores.credentials.find(id)) ?? { secretVersion: 0 }
    const version = secretVersion + 1
    const sealed = await vault.seal(placeOf(id, version), { apiKey: new Secret(key) })
    await server().app.stores.credentials.update(id, { sealed, secretVersion: version })
  }
  return {
    sandbox,
    server,
    person,
    api,
    organization,
    users,
    newKey,
    unique,
    withKey,
    signedIn,
    authorize,
    leads,
    toFile,
    toLeads,
    counted,
    used,
    identityOf,
    reasonOf,
    putKeyInDatabase,
  }
}
