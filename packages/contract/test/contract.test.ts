import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  credentialCreateSchema,
  type Endpoint,
  endpoints,
  errorCatalogue,
  errorCodes,
  fileNameSchema,
  idSchema,
  LatchworkError,
  nameSchema,
  newId,
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

  it('that change something say what the audit log calls it', () => {
    const silent = all.filter((endpoint) => endpoint.method !== 'GET' && endpoint.audit === null)
    expect(silent.map((endpoint) => endpoint.path).sort()).toEqual([
      '/api/devices',
      '/api/devices/look-up',
      '/api/devices/token',
      '/api/invitations/look',
      '/api/password-resets/look',
      '/api/session/passkey/begin',
    ])
  })
})

describe('errors', () => {
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
