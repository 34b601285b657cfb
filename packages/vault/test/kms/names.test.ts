import { expect, it } from 'vitest'
import { namesServiceKey, openServiceKey } from '../../src/index.ts'
import { awsArn, googleName } from './services.ts'

it.each([
  ['aws-kms:eu-west-1/alias/latchwork', true],
  [`aws-kms:eu-west-1/${awsArn}`, true],
  [`gcp-kms:${googleName}`, true],
  ['vault:https://vault.hollowoak.example:8200/teams/transit/master', true],
  ['vault:http://vault.hollowoak.example/transit/master', false],
  ['vault:https://user:pw@vault.hollowoak.example/transit/master', false],
  ['vault:https://vault.hollowoak.example/master', false],
  ['gcp-kms:projects/p/cryptoKeys/k', false],
  ['aws', false],
  ['aws-kms:eu-west-1/1f2e3d4c-0000-4000-8000-123456789abc', true],
  ['xaws-kms:eu-west-1/key', false],
  ['aws-kms:EU/key', false],
  ['aws-kms:/key', false],
  ['aws-kms:eu-west-1/', false],
  ['aws-kms:eu-west-1/key key', false],
  ['aws-kms:eu-west-1/key!', false],
  [`xgcp-kms:${googleName}`, false],
  [`gcp-kms:${googleName}/cryptoKeyVersions/1`, false],
  [`gcp-kms:${googleName} `, false],
  ...['projects', 'locations', 'keyRings', 'cryptoKeys'].flatMap((part): [string, boolean][] => [
    [`gcp-kms:${googleName.replace(new RegExp(`${part}/[^/]+`), `${part}/`)}`, false],
    [`gcp-kms:${googleName.replace(new RegExp(`${part}/[^/]+`), `${part}/two words`)}`, false],
  ]),
  ['vault:http://localhost:8200/transit/master', true],
  ['vault:http://127.10.200.3/transit/master', true],
  ['vault:http://[::1]:8200/transit/master', true],
  ['vault:http://xlocalhost/transit/master', false],
  ['vault:http://localhost.hollowoak.example/transit/master', false],
  ['vault:http://127.hollowoak.example/transit/master', false],
  ['vault:ftp://localhost/transit/master', false],
  ['vault:https://user@vault.hollowoak.example/transit/master', false],
  ['vault:https://:pw@vault.hollowoak.example/transit/master', false],
  ['vault:https://vault.hollowoak.example/transit/master?x=1', false],
  ['vault:https://vault.hollowoak.example/transit/master#x', false],
  ['vault:https://vault.hollowoak.example/transit/master/', false],
  ['vault:https://vault.hollowoak.example/transit/master!', false],
  ['vault:https://vault.hollowoak.example/!/transit/master', false],
  ['fault:https://vault.hollowoak.example/transit/master', false],
  ['vault:', false],
])('%s names a key of a service: %s', (name, expected) => {
  expect(namesServiceKey(name)).toBe(expected)
})

it.each([
  ['no key at all', 'LATCHWORK_KMS names no key'],
  ['vault:https://vault.hollowoak.example/transit/master', 'LATCHWORK_KMS_TOKEN_FILE is missing'],
])('%s alone opens nothing, and says what is missing', async (name, words) => {
  await expect(openServiceKey(name, { tokenFile: null })).rejects.toMatchObject({
    code: 'settings_invalid',
    message: expect.stringContaining(words),
  })
})
