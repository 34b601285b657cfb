import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  credentialCreateSchema,
  defineEndpoint,
  type Endpoint,
  endpoints,
  errorCatalogue,
  errorCodes,
  fileNameSchema,
  idSchema,
  LatchworkError,
  nameSchema,
  newId,
  streams,
  yourRoleSchema,
} from '../src/index.ts'
import { documentErrors } from './document-errors.ts'

const all: Endpoint[] = Object.values(endpoints).flatMap((group) => Object.values<Endpoint>(group))

describe('endpoints', () => {
  it('have each method and path once', () => {
    const names = all.map((endpoint) => `${endpoint.method} ${endpoint.path}`)
    expect(new Set(names).size).toBe(names.length)
  })

  it('name every parameter of their path in their schema, and no other', () => {
    for (const endpoint of all) {
      const inPath = [...endpoint.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      const shape: unknown = Reflect.get(endpoint.params, 'shape')
      expect(Object.keys(Object(shape)), endpoint.path).toEqual(inPath)
    }
  })

  it('are public only where nobody can be signed in yet', () => {
    const open = all.filter((endpoint) => endpoint.access === 'public')
    expect(open.map((endpoint) => endpoint.path).sort()).toEqual([
      '/api/address',
      '/api/devices',
      '/api/devices/token',
      '/api/invitations/accept',
      '/api/invitations/look',
      '/api/password-resets/accept',
      '/api/password-resets/look',
      '/api/session',
      '/api/session',
      '/api/session/passkey',
      '/api/session/passkey/begin',
      '/api/setup',
    ])
  })

  it('below a thing that is owned and shared have a rule for that very thing', () => {
    const below = all.filter((endpoint) =>
      /^\/api\/(credential|source|destination|flow|run)s\/\{id\}/.test(endpoint.path),
    )
    expect(below.length).toBeGreaterThan(25)
    for (const { method, path, access } of below) {
      const resource = path.split('/')[2]?.slice(0, -1)
      expect(access, `${method} ${path}`).toMatchObject({ resource, param: 'id' })
    }
  })

  it('that are audited name what they are about, or say that it is nothing', () => {
    const audited = [
      ...all,
      ...Object.values(streams).flatMap((group) => Object.values<Endpoint>(group)),
    ].flatMap(({ audit, path, creates }) => (audit === null ? [] : [{ path, creates, ...audit }]))
    for (const { action, subject, path, creates } of audited) {
      expect(action, path).toMatch(/^[a-z_]+(\.[a-z_]+)+$/)
      // What a path names is the subject, and nothing else; but a copy is what was made.
      const isCopy = creates === 'always' && path.endsWith('/duplicate')
      expect(subject === 'params.id', `${action}: ${subject}`).toBe(path.includes('{id}') && !isCopy)
    }
    const of = (wanted: (subject: string) => boolean) =>
      audited.filter(({ subject }) => wanted(subject)).map(({ action, subject }) => `${action}: ${subject}`)
    expect(of((subject) => subject.startsWith('answer')).sort()).toEqual([
      'credential.create: answer',
      'destination.create: answer',
      'flow.create: answer',
      'flow.duplicate: answer',
      'invitation.create: answer.invitation',
      'member.join: answer.user',
      'member.rename: answer',
      'pass.create: answer.pass',
      'passkey.add: answer',
      'source.create: answer',
      'token.create: answer.token',
    ])
    expect(of((subject) => subject === 'none')).toHaveLength(24)
    expect(
      audited
        .filter(({ actor }) => actor !== undefined)
        .map(({ action }) => action)
        .sort(),
    ).toEqual([
      'member.join',
      'session.reset_password',
      'session.setup',
      'session.sign_in',
      'session.sign_in',
    ])
  })

  it('do not compile with a subject that is not there, or without saying whose role is answered', () => {
    const common = { method: 'POST', path: '/api/things', summary: 'A thing', access: 'member' } as const
    const named = z.object({ token: z.object({ id: z.string(), name: z.string() }), total: z.number() })
    const withRole = z.object({ id: z.string(), yourRole: yourRoleSchema })
    const made = [
      defineEndpoint({ ...common, audit: { action: 'a.b', subject: 'answer.token' }, response: named }),
      // @ts-expect-error a number is no thing
      defineEndpoint({ ...common, audit: { action: 'a.b', subject: 'answer.total' }, response: named }),
      // @ts-expect-error the path names nothing
      defineEndpoint({ ...common, audit: { action: 'a.b', subject: 'params.id' }, response: named }),
      // @ts-expect-error nothing is said of it
      defineEndpoint({ ...common, audit: { action: 'a.b' }, response: named }),
      defineEndpoint({ ...common, audit: null, response: withRole, roleFor: 'flow' }),
      // @ts-expect-error it has a role, for what kind of thing?
      defineEndpoint({ ...common, audit: null, response: withRole }),
      // @ts-expect-error it has none
      defineEndpoint({ ...common, audit: null, response: named, roleFor: 'flow' }),
    ]
    expect(made).toHaveLength(7)
  })

  it('that change something say what the audit log calls it', () => {
    const silent = all.filter((endpoint) => endpoint.method !== 'GET' && endpoint.audit === null)
    expect(silent.map((endpoint) => endpoint.path).sort()).toEqual([
      '/api/devices',
      '/api/devices/look-up',
      '/api/devices/token',
      '/api/flows/overlaps',
      '/api/invitations/look',
      '/api/passes/preview',
      '/api/password-resets/look',
      '/api/session/passkey/begin',
    ])
  })
})

describe('errors', () => {
  it('belong to one feature each', async () => {
    const folder = new URL('../src/errors/', import.meta.url)
    const codes: string[] = []
    for (const file of readdirSync(folder).filter((name) => name.endsWith('-errors.ts'))) {
      const tables: object[] = Object.values(await import(new URL(file, folder).href))
      codes.push(...tables.flatMap((table) => Object.keys(table)))
    }
    expect(codes.sort()).toEqual([...errorCodes].sort())
  })

  it('stand in docs/errors.md as the catalogue has them', () => {
    const file = new URL('../../../docs/errors.md', import.meta.url)
    expect(readFileSync(file, 'utf8')).toBe(documentErrors())
  })

  it('have a status and a whole sentence each', () => {
    for (const code of errorCodes) {
      const { status, title } = errorCatalogue[code]
      expect(status, code).toBeGreaterThanOrEqual(400)
      expect(title, code).toMatch(/^[A-Z].*\.$/)
      expect(title, code).not.toMatch(/!|\bplease\b/i)
    }
  })

  it('carry the code, the status and the sentence of the catalogue', () => {
    const error = new LatchworkError('name_taken')
    expect([error.code, error.status, error.message]).toEqual([
      'name_taken',
      409,
      errorCatalogue.name_taken.title,
    ])
  })
})

describe('ids', () => {
  it('fit their schema, and no other kind', () => {
    const id = newId('credential')
    expect(idSchema('credential').safeParse(id).success).toBe(true)
    expect(idSchema('flow').safeParse(id).success).toBe(false)
  })

  it('do not repeat', () => {
    expect(new Set(Array.from({ length: 5000 }, () => newId('run'))).size).toBe(5000)
  })
})

describe('text from outside', () => {
  it('is trimmed, and refused when blank, too long or with control characters', () => {
    expect(nameSchema.parse('  Sales  ')).toBe('Sales')
    for (const bad of ['', '   ', 'x'.repeat(201), 'a\u0000b', 'a\nb', 'a\u009fb', 'a\ud800b']) {
      expect(nameSchema.safeParse(bad).success, JSON.stringify(bad)).toBe(false)
    }
  })

  it('may be in any script and direction', () => {
    for (const good of ['مبيعات', '営業チーム', 'Z̷a̷l̷g̷o̷', '🙂']) expect(nameSchema.parse(good)).toBe(good)
  })

  it('names a file without a path', () => {
    expect(fileNameSchema.safeParse('leads 2026.jsonl').success).toBe(true)
    for (const bad of ['../x', '/etc/passwd', 'a/b', '.hidden', 'a\\b', '', 'a\u0000.csv']) {
      expect(fileNameSchema.safeParse(bad).success, bad).toBe(false)
    }
  })

  it('of 30 kB in a value is refused with the limit named', () => {
    const result = credentialCreateSchema.safeParse({
      connector: 'close',
      method: 'api_key',
      name: 'x',
      values: { apiKey: 'k'.repeat(30_720) },
    })
    expect(result.error?.issues[0]?.message).toContain('20000')
  })
})
