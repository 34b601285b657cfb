import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { inspect } from 'node:util'
import { LatchworkError } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { settingDefinitions } from '../../src/settings/definitions.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { describeSettings } from './document-settings.ts'

function faultsOf(env: Record<string, string>): LatchworkError {
  try {
    readSettings(env)
  } catch (error) {
    if (error instanceof LatchworkError) return error
    throw error
  }
  throw new Error('the settings were accepted')
}

describe('readSettings', () => {
  it('has a default for everything', () => {
    const settings = readSettings({ PATH: '/bin', LATCHWORK_TEST_POSTGRES_URL: 'x', LATCHWORK_PORT: ' ' })
    expect(settings).toEqual({
      databaseUrl: null,
      dataDir: resolve('.latchwork'),
      host: '127.0.0.1',
      port: 8443,
      publicUrl: 'https://localhost:8443',
      tls: null,
      masterKey: null,
      kms: null,
      masterKeyFile: resolve('.latchwork', 'master.key'),
      closeApiUrl: 'https://api.close.com',
      closeAppUrl: 'https://app.close.com',
      admin: null,
      alerts: { email: null, webhook: null },
      checkEveryMs: 6 * 3_600_000,
      keep: {
        samplesMs: 90 * 86_400_000,
        quarantineMs: 90 * 86_400_000,
        runsMs: 90 * 86_400_000,
        callsMs: 30 * 86_400_000,
      },
    })
    expect(Object.isFrozen(settings)).toBe(true)
  })

  it('#61 keeps what runs leave for ninety days, or as many as are said', () => {
    const days = (env: Record<string, string>) => {
      const { samplesMs, quarantineMs, runsMs } = readSettings(env).keep
      return [samplesMs, quarantineMs, runsMs].map((ms) => ms / 86_400_000)
    }
    expect(days({})).toEqual([90, 90, 90])
    expect(days({ LATCHWORK_KEEP_RECORDS_DAYS: '7' })).toEqual([7, 7, 90])
    const each = { LATCHWORK_KEEP_SAMPLES_DAYS: '1', LATCHWORK_KEEP_QUARANTINE_DAYS: '20' }
    expect(days({ ...each, LATCHWORK_KEEP_RUNS_DAYS: '400' })).toEqual([1, 20, 400])
  })

  it('keeps the calls of the gateway for thirty days, or as many as are said', () => {
    expect(readSettings({}).keep.callsMs).toBe(30 * 86_400_000)
    expect(readSettings({ LATCHWORK_KEEP_CALLS_DAYS: '3' }).keep.callsMs).toBe(3 * 86_400_000)
  })

  it('keeps the audit log for ever, or for as many days as are said, at least thirty', () => {
    expect(readSettings({}).keep.auditMs).toBeUndefined()
    expect(readSettings({ LATCHWORK_KEEP_AUDIT_DAYS: '30' }).keep.auditMs).toBe(30 * 86_400_000)
    for (const days of ['29', '0', '3651', '1.5', 'ever']) {
      expect(() => readSettings({ LATCHWORK_KEEP_AUDIT_DAYS: days })).toThrow(
        'LATCHWORK_KEEP_AUDIT_DAYS must be a whole number from 30 to 3650.',
      )
    }
  })

  it('#58 lets one client try to sign in as often as is said, within bounds', () => {
    expect(readSettings({ LATCHWORK_SIGN_IN_TRIES: '60' }).signInTries).toBe(60)
    for (const tries of ['4', '1001', '-1', '1e2'])
      expect(faultsOf({ LATCHWORK_SIGN_IN_TRIES: tries }).errors?.map(({ rule }) => rule)).toEqual(['tries'])
  })

  it('reads every one', () => {
    const settings = readSettings({
      LATCHWORK_DATABASE_URL: 'postgres://user:opensesame@db.example:5433/latchwork',
      LATCHWORK_DATA_DIR: '/srv/latchwork',
      LATCHWORK_HOST: '0.0.0.0',
      LATCHWORK_PORT: ' 443 ',
      LATCHWORK_PUBLIC_URL: 'https://Latchwork.example:443/',
      LATCHWORK_TLS_CERT: '/etc/cert.pem',
      LATCHWORK_TLS_KEY: '/etc/key.pem',
      LATCHWORK_MASTER_KEY_FILE: '/etc/master.key',
      LATCHWORK_CLOSE_API_URL: 'http://127.0.0.1:4000',
      LATCHWORK_CLOSE_APP_URL: 'http://[::1]:4000/',
      LATCHWORK_ADMIN_EMAIL: 'admin@latchwork.example',
      LATCHWORK_ADMIN_PASSWORD: 'correct horse battery',
    })
    expect(settings).toMatchObject({
      dataDir: '/srv/latchwork',
      host: '0.0.0.0',
      port: 443,
      publicUrl: 'https://latchwork.example',
      tls: { certificateFile: '/etc/cert.pem', keyFile: '/etc/key.pem' },
      masterKeyFile: '/etc/master.key',
      closeApiUrl: 'http://127.0.0.1:4000',
      closeAppUrl: 'http://[::1]:4000',
      admin: { email: 'admin@latchwork.example' },
    })
    expect(settings.databaseUrl?.reveal()).toBe('postgres://user:opensesame@db.example:5433/latchwork')
    expect(settings.admin?.password.reveal()).toBe('correct horse battery')
    expect(inspect(settings, { depth: 9 }) + JSON.stringify(settings)).not.toMatch(/opensesame|horse/)
  })

  it('keeps the key file beside the data, and takes the key itself instead', () => {
    expect(readSettings({ LATCHWORK_DATA_DIR: '/srv/lw' }).masterKeyFile).toBe(join('/srv/lw', 'master.key'))
    expect(readSettings({ LATCHWORK_MASTER_KEY: 'k'.repeat(43) }).masterKey?.reveal()).toBe('k'.repeat(43))
  })

  it('reports every fault at once and repeats no secret', () => {
    const error = faultsOf({
      LATCHWORK_DATABASE_URL: 'mysql://user:opensesame@db.example/x',
      LATCHWORK_PORT: '70000',
      LATCHWORK_PUBLIC_URL: 'http://latchwork.example',
      LATCHWORK_CLOSE_API_URL: 'http://api.close.example',
      LATCHWORK_ADMIN_EMAIL: 'nobody',
      LATCHWORK_ADMIN_PASSWORD: 'opensesame',
      LATCHWORK_HOST: 'a b',
      LATCHWORK_KMS: 'aws',
      LATCHWORK_SMTP_URL: 'http://opensesame@mail.example',
      LATCHWORK_DATABSE_URL: 'postgres://user:opensesame@db.example/x',
    })
    expect(error.code).toBe('settings_invalid')
    expect(error.errors?.map(({ field, rule }) => `${field} ${rule}`).sort()).toEqual([
      'LATCHWORK_ADMIN_EMAIL email',
      'LATCHWORK_ADMIN_PASSWORD password',
      'LATCHWORK_CLOSE_API_URL https_origin',
      'LATCHWORK_DATABASE_URL postgres_url',
      'LATCHWORK_DATABSE_URL unknown',
      'LATCHWORK_HOST host',
      'LATCHWORK_KMS kms',
      'LATCHWORK_PORT port',
      'LATCHWORK_PUBLIC_URL https_origin',
      'LATCHWORK_SMTP_URL smtp_url',
    ])
    expect(error.message).toContain('Did you mean LATCHWORK_DATABASE_URL?')
    for (const { message } of error.errors ?? []) expect(error.message).toContain(message)
    expect(inspect(error, { depth: 9 })).not.toContain('opensesame')
  })

  it.each([
    [{ LATCHWORK_TLS_CERT: '/c.pem' }, 'LATCHWORK_TLS_KEY'],
    [{ LATCHWORK_TLS_KEY: '/k.pem' }, 'LATCHWORK_TLS_CERT'],
    [{ LATCHWORK_ALERT_EMAIL: 'a@latchwork.example' }, 'LATCHWORK_SMTP_URL'],
    [{ LATCHWORK_ALERT_WEBHOOK_URL: 'https://hook.example/x' }, 'LATCHWORK_ALERT_WEBHOOK_SECRET'],
    [{ LATCHWORK_ADMIN_EMAIL: 'admin@latchwork.example' }, 'LATCHWORK_ADMIN_PASSWORD'],
    [{ LATCHWORK_MASTER_KEY: 'k', LATCHWORK_MASTER_KEY_FILE: '/k' }, 'LATCHWORK_MASTER_KEY'],
    [{ LATCHWORK_PORT: '0' }, 'LATCHWORK_PUBLIC_URL'],
  ])('refuses half a pair: %j', (env, field) => {
    expect(faultsOf(env).errors?.map((one) => one.field)).toEqual([field])
  })

  it.each([
    'too short',
    'whsec_AAAA',
    `whsec_${'not base64!'.repeat(4)}`,
    `whsec_${Buffer.alloc(23).toString('base64')}`,
    `whsec_${Buffer.alloc(65).toString('base64')}`,
  ])('refuses to sign alerts with %s', (secret) => {
    const env = {
      LATCHWORK_ALERT_WEBHOOK_URL: 'https://hook.example/x',
      LATCHWORK_ALERT_WEBHOOK_SECRET: secret,
    }
    expect(faultsOf(env).errors).toMatchObject([{ field: 'LATCHWORK_ALERT_WEBHOOK_SECRET', rule: 'secret' }])
  })

  it.each([
    'https://latchwork.example/base',
    'https://user@latchwork.example',
    'https://latchwork.example/?a',
    'https://latchwork.example#b',
    'latchwork.example',
    'https://',
  ])('refuses the public address %s', (url) => {
    expect(faultsOf({ LATCHWORK_PUBLIC_URL: url }).errors?.[0]?.rule).toBe('https_origin')
  })

  it.each([
    'http://localhost.example',
    'http://127.0.0.1.example',
    'ftp://localhost',
    'http://10.0.0.1',
    'http://167772161',
    'http://2852039166',
    'http://0.0.0.0',
    'http://0',
    'http://[::]',
    'http://[::ffff:10.0.0.1]',
    'https://user@api.close.com',
    'https://api.close.com@evil.example',
    'https://api.close.com:x@evil.example',
    'https://api.close.com/x/..//',
    'https://api.close.com//evil.example',
    'https://api.close.com\r\nHost: evil.example',
    'https://api.close.com/\r\nHost: evil.example',
    '//api.close.com',
    'javascript:alert(1)',
  ])('#25 refuses the Close address %j', (url) => {
    for (const name of ['LATCHWORK_CLOSE_API_URL', 'LATCHWORK_CLOSE_APP_URL']) {
      expect(faultsOf({ [name]: url }).errors?.[0]?.rule, name).toBe('https_origin')
    }
  })

  it('#24 refuses surroundings in which certificates are not checked', () => {
    const { code, errors } = faultsOf({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    expect([code, errors?.[0]?.field]).toEqual(['settings_invalid', 'NODE_TLS_REJECT_UNAUTHORIZED'])
    expect(readSettings({ NODE_TLS_REJECT_UNAUTHORIZED: '1' }).closeApiUrl).toBe('https://api.close.com')
  })
})

describe('docs/settings.md', () => {
  it('says what the definitions say', () => {
    const file = new URL('../../../../docs/settings.md', import.meta.url)
    expect(readFileSync(file, 'utf8')).toBe(describeSettings())
    for (const name of Object.keys(settingDefinitions)) expect(describeSettings()).toContain(`\`${name}\``)
  })
})
