import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { type Running, startRunning } from '../running.ts'

/* A value for a field that does not apply is refused with the field's name: nobody finds out later that it was dropped. */

let sandbox: Sandbox
let server: Running
let person: Browser
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 1 })
  server = await startRunning(sandbox)
  person = await server.signedIn()
})
afterAll(async () => {
  await server?.stop()
  await sandbox?.close()
})

const database = { host: 'db.example', database: 'crm', user: 'latchwork', password: 'a password' }
const draftOf = (values: Record<string, string>) =>
  person.client.credentials.create({
    body: { connector: 'postgres', method: 'password', draft: true, values: { ...database, ...values } },
  })

describe('a value for a field that does not apply', () => {
  it('is refused when a credential is made', async () => {
    const refused = await problem(draftOf({ tls: 'disable', caCertificate: 'a certificate' }))
    expect(refused).toMatchObject({
      code: 'invalid_input',
      errors: [
        {
          field: 'values.caCertificate',
          rule: 'not_applicable',
          message: 'Certificate authority applies only where Encryption is verify-full. Leave it out.',
        },
      ],
    })
    expect(await draftOf({ tls: 'disable', caCertificate: ' ' })).toMatchObject({
      values: { tls: 'disable' },
    })
  })

  it('is kept where the field that decides stays at its default', async () => {
    expect((await draftOf({ caCertificate: 'a certificate' })).values).toMatchObject({
      caCertificate: 'a certificate',
    })
    expect((await draftOf({ tls: ' verify-full ', caCertificate: 'a certificate' })).values).toMatchObject({
      tls: 'verify-full',
      caCertificate: 'a certificate',
    })
  })

  it('is refused when a draft is changed, by what the draft holds', async () => {
    const { id } = await draftOf({ tls: 'disable' })
    const change = { params: { id }, body: { values: { caCertificate: 'a certificate' } } }
    expect(await problem(person.client.credentials.update(change))).toMatchObject({
      errors: [{ field: 'values.caCertificate', rule: 'not_applicable' }],
    })
  })

  it('is cleared from a draft, with the answer showing it, when another field is changed', async () => {
    const { id } = await draftOf({ caCertificate: 'a certificate' })
    const values = { tls: 'disable', password: 'again' }
    const changed = await person.client.credentials.update({ params: { id }, body: { values } })
    expect(Object.keys(changed.values).sort()).toEqual(['database', 'host', 'tls', 'user'])
  })

  it('is refused in the form of a destination, and in a sample of a source', async () => {
    const files = { connector: 'files', credentialId: null }
    const config = { file: 'a.jsonl', format: 'jsonl', delimiter: 'tab' }
    const made = person.client.destinations.create({ body: { ...files, name: 'A', config } })
    expect(await problem(made)).toMatchObject({
      errors: [{ field: 'config.delimiter', rule: 'not_applicable' }],
    })
    expect(await problem(person.client.sources.sample({ body: { ...files, config } }))).toMatchObject({
      errors: [{ field: 'config.delimiter', rule: 'not_applicable' }],
    })
  })
})
