import { CloseError, createCloseClient } from '@latchwork/close'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildRequest } from '../src/request.ts'

const origin = 'https://api.close.com'
const url = (path: string, query = {}): string =>
  buildRequest(origin, { method: 'GET', path, query }, 'test').url

describe('buildRequest', () => {
  it('adds the trailing slash, encodes segments and joins lists', () => {
    expect(url('/lead')).toBe('https://api.close.com/api/v1/lead/')
    expect(url('/unsubscribe/email/ann+b@acme.example/')).toBe(
      'https://api.close.com/api/v1/unsubscribe/email/ann%2Bb%40acme.example/',
    )
    expect(
      url('/task/', {
        id__in: ['task_1', 'task_2'],
        _limit: 5,
        is_complete: false,
        view: undefined,
        x: null,
      }),
    ).toBe('https://api.close.com/api/v1/task/?id__in=task_1%2Ctask_2&_limit=5&is_complete=false')
  })

  it('sends a JSON body with its type, and none with GET', () => {
    const built = buildRequest(origin, { method: 'POST', path: '/lead/', body: { name: 'Acme' } }, 'test')
    expect(built.bodyText).toBe('{"name":"Acme"}')
    expect(built.headers).toEqual({
      accept: 'application/json',
      'user-agent': 'test',
      'content-type': 'application/json',
    })
    expect(() => buildRequest(origin, { method: 'GET', path: '/lead/', body: {} }, 'test')).toThrow(
      CloseError,
    )
  })

  it('refuses a body that cannot be JSON', () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    for (const body of [cycle, { n: 1n }, () => 1]) {
      expect(() => buildRequest(origin, { method: 'POST', path: '/lead/', body }, 'test')).toThrow(/body/)
    }
  })

  it.each([
    '/lead/../me/',
    '/lead/./x/',
    '/lead//x/',
    '//evil.example/',
    '/lead/..%2f..%2fme/',
    '/lead/%2e%2e/',
    '/lead/x?y=1',
    '/lead/x#y',
    '/lead/x\\y/',
    '/lead/x;y/',
    '/lead/x\r\nHost: evil.example/',
    '/lead/\ud800/',
    'lead/',
    '',
    '@evil.example/',
  ])('#25 refuses the path %j', (path) => {
    expect(() => url(path)).toThrow(
      expect.objectContaining({ code: 'invalid', fieldErrors: { path: expect.any(String) } }),
    )
  })

  it('#25 never leaves the origin and the API, whatever the path and query', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.dictionary(fc.string(), fc.string()), (path, query) => {
        let built: string
        try {
          built = url(path, query)
        } catch (error) {
          expect(error).toBeInstanceOf(CloseError)
          return
        }
        const parsed = new URL(built)
        expect(parsed.origin).toBe(origin)
        expect(parsed.pathname).toMatch(/^\/api\/v1\/.+\/$/)
        expect(parsed.hash).toBe('')
        // Parsing changed nothing, so the server reads what was built.
        expect(parsed.href).toBe(built)
      }),
      { numRuns: 500 },
    )
  })
})

describe('apiUrl', () => {
  const create = (apiUrl: string, allowPlainHttp?: boolean): unknown =>
    createCloseClient({ apiUrl, allowPlainHttp, authorize: () => Promise.reject(new Error('not called')) })

  it.each(['https://api.close.com', 'http://127.0.0.1:9000', 'http://localhost:9000', 'http://[::1]:9000'])(
    'accepts %s',
    (apiUrl) => expect(() => create(apiUrl)).not.toThrow(),
  )

  it.each([
    'api.close.com',
    'http://api.close.com',
    'http://127.evil.example',
    'https://user:pw@api.close.com',
    'https://api.close.com/api',
    'https://latch.example/close/api/v1',
    'https://latch.example/close/',
    'https://latch.example/close/../other',
    'https://latch.example/%63lose',
    'https://api.close.com/?x=1',
    'https://api.close.com/#x',
    'ftp://api.close.com',
    'http://0.0.0.0:9000',
    'http://[::]:9000',
    'http://167772161',
    'http://2852039166',
    'https://api.close.com@evil.example',
    'https://api.close.com\r\nHost: evil.example/',
    '//api.close.com',
  ])('#25 refuses %s', (apiUrl) => {
    expect(() => create(apiUrl)).toThrow(expect.objectContaining({ code: 'invalid' }))
  })

  it('sends what it is given for a gateway below the gateway, a pass as the API key', async () => {
    const sent: [url: string, authorization: string | null][] = []
    const close = createCloseClient({
      apiUrl: 'https://latch.example/close',
      authorize: async () => ({ type: 'api_key', apiKey: 'lwp_pass' }),
      fetch: async (url, init) => {
        sent.push([String(url), new Headers(init?.headers).get('authorization')])
        return Response.json({ data: [], has_more: false })
      },
    })
    await close.list('/lead/')
    expect(sent).toEqual([['https://latch.example/close/api/v1/lead/', `Basic ${btoa('lwp_pass:')}`]])
  })

  it('accepts another plain http address only when told to', () => {
    expect(() => create('http://sandbox:9000', true)).not.toThrow()
  })
})
