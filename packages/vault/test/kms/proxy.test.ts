import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { startConnectProxy } from '../../../../tools/test-processes/connect-proxy.ts'
import { bareEnvironment } from '../../../../tools/test-processes/environment.ts'
import { googleIdentity, services } from './services.ts'
import { ServiceKey, startStandIn } from './stand-in.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchwork-kms-proxy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const tokenFile = join(folder, 'token')
writeFileSync(tokenFile, 'token-1\n', { mode: 0o600 })

/** As the server begins where the environment names a proxy. */
const script = `
  import { openServiceKey } from '@latchwork/vault'
  import http from 'node:http'
  http.setGlobalProxyFromEnv(process.env)
  const [name, tokenFile] = process.argv.slice(1)
  await openServiceKey(name, { tokenFile })
`

/** A key of each service, and the hosts that are asked for it. */
const asked = {
  'Vault transit': { name: 'vault:https://vault.example/transit/latchwork', hosts: ['vault.example'] },
  'Google Cloud KMS': {
    name: services['Google Cloud KMS'].name(),
    hosts: ['sts.example', 'cloudkms.googleapis.com'],
  },
  'AWS KMS': { name: services['AWS KMS'].name(), hosts: ['kms.eu-west-1.amazonaws.com'] },
}

describe.each(Object.entries(asked))('a key of %s', (title, { name, hosts }) => {
  const { answer } = Object.entries(services).find(([each]) => each === title)?.[1] ?? services['AWS KMS']

  /** @returns what the proxy was asked for, and whether the key was opened */
  async function open(noProxy: string) {
    const key = new ServiceKey()
    const standIn = await startStandIn((call) => answer(key, call))
    await using proxy = await startConnectProxy(Object.fromEntries(hosts.map((host) => [host, standIn.url])))
    const env = {
      ...bareEnvironment(),
      ...{ HTTPS_PROXY: proxy.url, NO_PROXY: noProxy, NODE_EXTRA_CA_CERTS: proxy.certificateFile },
      ...{ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'an invented secret' },
      AWS_EC2_METADATA_DISABLED: 'true',
      GOOGLE_APPLICATION_CREDENTIALS: googleIdentity(folder, 'https://sts.example'),
    }
    const ended = promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script, name, tokenFile],
      { env, cwd: import.meta.dirname, timeout: 30_000 },
    )
    const opened = await ended.then(
      () => true,
      () => false,
    )
    await standIn.close()
    return { opened, asked: new Set(proxy.asked), calls: standIn.calls.length }
  }

  it('is asked through the outbound proxy, and so is who lends a token for it', async () => {
    const { opened, asked } = await open('localhost')
    expect(asked).toEqual(new Set(hosts.map((host) => `CONNECT ${host}:443`)))
    expect(opened).toBe(true)
  })

  it('is asked directly where NO_PROXY names it', async () => {
    const { opened, asked, calls } = await open(hosts.join(','))
    expect({ opened, asked, calls }).toEqual({ opened: false, asked: new Set(), calls: 0 })
  })
})
