import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Credential } from '@latchwork/contract'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Running, Shell } from './command.ts'
import { listeningPorts } from './ports.ts'
import { admin, keyOf, type Product } from './server.ts'
import { startSignedIn } from './signing-in.ts'

let product: Product
let shell: Shell
beforeAll(async () => {
  const made = await startSignedIn()
  ;({ product, shell } = made)
  return made.stop
})

const key = (organization?: number) => keyOf(product, organization).key
const oauthApp = () => {
  const [app] = product.sandbox.oauthApps
  if (app === undefined) throw new Error('the sandbox has no app')
  return app
}
const organizationId = () => product.sandbox.organizations[0]?.id ?? ''
const stored = async (name: string): Promise<Credential | undefined> => {
  const { items } = await product.person.client.credentials.list({ query: { query: name } })
  return items.find((credential) => credential.name === name)
}
const addKey = (name: string, apiKey = key()) =>
  shell.run(['credential', 'add', '--method', 'api_key', '--name', name, '--secret-stdin'], {
    input: `${apiKey}\n`,
  })

describe('an API key', () => {
  it('is read from standard input or a file, checked, listed, shown, used and deleted', async () => {
    const added = await addKey('Larch reports')
    expect(added).toMatchObject({ code: 0 })
    expect(added.stdout).toContain(product.sandbox.organizations[0]?.name)
    const file = shell.secretFile(key())
    const args = ['credential', 'add', '--method', 'api_key', '--name', 'From a file', '--secret-file', file]
    expect((await shell.run(args)).code).toBe(0)

    const list = await shell.run(['credential', 'list'])
    expect(list.stdout.split('\n')[0]).toMatch(
      /^Id +Name +Connector +Method +Status +Account +Uses +Last used$/,
    )
    expect(list.stdout).toContain((await stored('Larch reports'))?.id)
    expect(await shell.json(['credential', 'show', 'larch reports'])).toEqual(await stored('Larch reports'))
    expect((await shell.run(['credential', 'check', 'Larch reports'])).stdout).toContain('verified')
    expect((await shell.run(['credential', 'usage', 'Larch reports'])).stderr).toContain('Nothing uses it')

    expect((await shell.run(['credential', 'delete', 'From a file'])).code).toBe(2)
    expect((await shell.run(['credential', 'delete', 'From a file', '--yes'])).code).toBe(0)
    expect(await stored('From a file')).toBeUndefined()
    expect((await shell.run(['credential', 'show', 'From a file'])).code).toBe(4)
  })

  it('that Close refuses is not saved, and the command says why', async () => {
    const refused = await addKey('Wrong', 'api_canary.canary')
    expect(refused).toMatchObject({ code: 4, stdout: '' })
    expect(refused.stderr).toContain('(api_key_rejected)')
    expect(await stored('Wrong')).toBeUndefined()
  })

  it('is replaced in place; of another account only when asked to; and taken back', async () => {
    await addKey('Replaced')
    const args = ['credential', 'replace', 'Replaced', '--secret-stdin', '--note', 'made in March']
    const refused = await shell.run(args, { input: key(1) })
    expect(refused).toMatchObject({ code: 4 })
    expect(refused.stderr).toContain('(identity_changed)')
    expect((await shell.run([...args, '--use-other-account'], { input: key(1) })).code).toBe(0)
    const other = product.sandbox.organizations[1]?.name
    expect((await stored('Replaced'))?.identity?.organizationName).toBe(other)
    const undone = await shell.run(['credential', 'undo', 'Replaced'])
    expect(undone.stdout).toContain(product.sandbox.organizations[0]?.name)
  })

  it('#51 of a database goes to no new place unless it is given again, which the command says', async () => {
    const url = new URL(process.env['LATCHWORK_TEST_POSTGRES_URL'] ?? '')
    const password = decodeURIComponent(url.password) || 'taken unasked'
    const values = {
      host: url.hostname,
      port: url.port === '' ? '5432' : url.port,
      database: url.pathname.slice(1),
      user: decodeURIComponent(url.username),
      tls: 'disable',
    }
    const add = ['credential', 'add', '--connector', 'postgres', '--name', 'Placed', '--secret-stdin']
    const given = Object.entries(values).flatMap(([name, value]) => ['--value', `${name}=${value}`])
    expect(await shell.run([...add, ...given], { input: password })).toMatchObject({ code: 0 })

    const replace = ['credential', 'replace', 'Placed', '--value']
    const host = url.hostname === 'localhost' ? '127.0.0.1' : 'localhost'
    const without = await shell.run([...replace, `host=${host}`])
    expect(without.code).not.toBe(0)
    expect(without.stderr).toContain('Password is needed')
    expect((await stored('Placed'))?.values['host']).toBe(values.host)
    const same = await shell.run([...replace, `database=${values.database}`])
    expect(same).toMatchObject({ code: 0 })

    const again = [...replace, `host=${host}`, '--secret-stdin']
    const refused = await shell.run(again, { input: password })
    expect(refused.stderr).toContain('(identity_changed)')
    const taken = await shell.run([...again, '--use-other-account'], { input: password })
    expect(taken).toMatchObject({ code: 0 })
    expect((await stored('Placed'))?.values['host']).toBe(host)
  })

  it('is rotated: the new one in use at once, and which to delete from when on', async () => {
    await addKey('Rotated')
    const args = ['credential', 'rotate', 'Rotated', '--no-wait', '--secret-stdin']
    const same = await shell.run(args, { input: key() })
    expect(same).toMatchObject({ code: 0 })
    expect(same.stdout).toContain('Delete nothing')
    const [organization] = product.sandbox.organizations
    const userId = product.sandbox.apiKeys.find((each) => each.organizationId === organization?.id)?.userId
    const made = product.sandbox.control.createKey(userId ?? '', organizationId())
    const rotated = await shell.run(args, { input: made.key })
    expect(rotated).toMatchObject({ code: 0 })
    expect(rotated.stderr).toContain(`in use, as ${organization?.name}`)
    expect(rotated.stdout).toMatch(
      new RegExp(`ends in ${key().slice(-4)}, until \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d: delete it`),
    )
    const { previous } = await product.person.client.credentials.previous({
      params: { id: (await stored('Rotated'))?.id ?? '' },
    })
    expect(previous).toMatchObject({ suffix: key().slice(-4), state: 'ending' })
  })

  it('that no longer works makes check end with 1', async () => {
    const userId = product.sandbox.apiKeys.find((each) => each.organizationId === organizationId())?.userId
    const made = product.sandbox.control.createKey(userId ?? '', organizationId())
    await addKey('Disabled', made.key)
    product.sandbox.control.deleteKey(made.id)
    const checked = await shell.run(['credential', 'check', 'Disabled'])
    expect(checked.code).toBe(1)
    expect(checked.stdout).toContain('failed')
  })
})

describe('OAuth', () => {
  const argsFor = (name: string) => {
    const form = ['--method', 'oauth2', '--value', `clientId=${oauthApp().clientId}`, '--secret-stdin']
    return ['credential', 'add', '--name', name, ...form]
  }
  const add = (name: string) => shell.start(argsFor(name), { input: oauthApp().clientSecret })
  const addInProcess = (name: string) => shell.spawn(argsFor(name), { input: oauthApp().clientSecret })
  const draftOf = async (running: Running) => {
    const [, id = ''] = await running.said(/\/authorize\/(cred_\w+)/)
    return id
  }

  it('prints a link, waits until access is granted in the browser, and says who authorized', async () => {
    const adding = add('By grant')
    const id = await draftOf(adding)
    const { end } = await product.person.grantAccess(id, {
      decision: 'allow',
      organizationId: organizationId(),
    })
    expect(end).toContain(`/authorize/${id}?`)
    const added = await adding.ended
    expect(added).toMatchObject({ code: 0 })
    const credential = await stored('By grant')
    expect(credential).toMatchObject({ id, status: 'verified', method: 'oauth2' })
    expect(added.stderr).toContain(`Authorized as ${credential?.identity?.organizationName}`)

    const again = shell.start(['credential', 'authorize', 'By grant'])
    await draftOf(again)
    await product.person.grantAccess(id, { decision: 'allow', organizationId: organizationId() })
    expect(await again.ended).toMatchObject({ code: 0 })
    expect((await again.ended).stdout).toContain('Authorized as')
  })

  it('#52 is told at once that the authorization was withdrawn', async () => {
    const adding = add('Withdrawn')
    const id = await draftOf(adding)
    const choice = { decision: 'allow', organizationId: organizationId() } as const
    const { end } = await product.person.grantAccess(id, choice, () =>
      product.person.client.session.signOut(),
    )
    expect(end).toContain('result=authorization_withdrawn')
    await product.person.client.session.signIn({ body: admin })
    const added = await adding.ended
    expect(added).toMatchObject({ code: 4, stdout: '' })
    expect(added.stderr).toContain('(authorization_withdrawn)')
    expect(await stored('Withdrawn')).toBeUndefined()

    // A saved one is asked for again, waits again, and is granted.
    const saving = add('Granted first')
    await product.person.grantAccess(await draftOf(saving), choice)
    expect(await saving.ended).toMatchObject({ code: 0 })
    const again = shell.start(['credential', 'authorize', 'Granted first'])
    const saved = await draftOf(again)
    await product.person.grantAccess(saved, choice, () => product.person.client.session.signOut())
    await product.person.client.session.signIn({ body: admin })
    expect((await again.ended).stderr).toContain('(authorization_withdrawn)')
    const third = shell.start(['credential', 'authorize', 'Granted first'])
    await draftOf(third)
    await product.person.grantAccess(saved, choice)
    expect(await third.ended).toMatchObject({ code: 0 })
  })

  it("#32 comes back through the server's https callback: the command listens on no port", async () => {
    const adding = addInProcess('By callback')
    const id = await draftOf(adding)
    expect(listeningPorts(product.pid)).toHaveLength(1)
    expect(listeningPorts(adding.pid)).toEqual([])
    const { callback } = await product.person.grantAccess(id, {
      decision: 'allow',
      organizationId: organizationId(),
    })
    const { origin, pathname } = new URL(callback)
    expect(origin + pathname).toBe(`${product.url}/oauth/callback`)
    expect(product.url).toMatch(/^https:/)
    expect(await adding.ended).toMatchObject({ code: 0 })
    expect(await stored('By callback')).toMatchObject({ id, status: 'verified' })
  })

  it('ends with 4 when access is declined, and leaves no draft', async () => {
    const adding = add('Declined')
    const id = await draftOf(adding)
    await product.person.grantAccess(id, { decision: 'decline', organizationId: organizationId() })
    const declined = await adding.ended
    expect(declined).toMatchObject({ code: 4, stdout: '' })
    expect(declined.stderr).toContain('(oauth_declined)')
    await expect(product.person.client.credentials.get({ params: { id } })).rejects.toMatchObject({
      code: 'credential_not_found',
    })
  })

  it('ends with 130 on Ctrl-C', async () => {
    const adding = addInProcess('Interrupted')
    await draftOf(adding)
    adding.interrupt()
    expect(await adding.ended).toMatchObject({ code: 130, stdout: '' })
  })
})

describe('secrets', () => {
  it('are not taken as an argument, and asked for nobody', async () => {
    const named = await shell.run([
      'credential',
      'add',
      '--method',
      'api_key',
      '--name',
      'x',
      '--value',
      'apiKey=y',
    ])
    expect(named).toMatchObject({ code: 2, stdout: '' })
    expect(named.stderr).toContain('--secret-file')
    const missing = await shell.run(['credential', 'add', '--method', 'api_key', '--name', 'x'])
    expect(missing).toMatchObject({ code: 2, stdout: '' })
    expect(missing.stderr).toContain('--secret-stdin')
    expect((await shell.run(['credential', 'add', '--api-key', 'y'])).code).toBe(2)
  })

  it('are in no argument list of a process, no output and no file of the command', async () => {
    const { clientSecret } = oauthApp()
    const adding = shell.spawn(
      [
        'credential',
        'add',
        '--method',
        'oauth2',
        '--name',
        'Canary',
        '--value',
        'clientId=canary',
        '--secret-stdin',
      ],
      { input: clientSecret },
    )
    await adding.said(/\/authorize\//)
    const processList = execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(adding.pid)], {
      encoding: 'utf8',
    })
    const environment = readFileSync(`/proc/${adding.pid}/environ`, 'utf8')
    adding.interrupt()
    await adding.ended
    const everything = [...shell.seen, shell.config(), processList, environment].join('\n')
    expect(processList).toContain('credential add')
    expect(everything).toContain('Larch reports')
    const secrets = [
      clientSecret,
      ...product.sandbox.apiKeys.map((apiKey) => apiKey.key),
      'api_canary.canary',
    ]
    for (const secret of secrets) expect(everything).not.toContain(secret)
  })
})
