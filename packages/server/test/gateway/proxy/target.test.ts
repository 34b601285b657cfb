import { LatchworkError } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { readTarget, withParams } from '../../../src/gateway/proxy/target.ts'

function refusal(method: string, url: string, headers: readonly string[] = []): string | null {
  try {
    readTarget(method, url, headers)
    return null
  } catch (error) {
    if (error instanceof LatchworkError) return error.code
    throw error
  }
}

describe('what a request asks for', () => {
  it.each([
    '/api/v1/lead/%2e%2e/me/',
    '/api/v1/lead/../me/',
    '/api/v1/./lead/',
    '/api/v1//lead/',
    '//api.close.example/api/v1/',
    '/api/v1/lead%2flead_1/',
    '/api/v1/lead%5Clead_1/',
    '/api/v1/lead\\lead_1/',
    '/api/v1/lead;a=b/',
    '/api/v1/lead%3Ba/',
    '/api/v1/lead%253Ba/',
    '/api/v1/lead%00/',
    '/api/v1/lead%0d%0aHost:x/',
    '/api/v1/lead%E2%80%8B/',
    '/api/v1/lead%ff/',
    '/api/v1/lead%e2%80/',
    '/api/v1/lead%/',
    '/api/v1/lead%2/',
    '/api/v1/%6cead/',
    '/api/v1/lead./',
    '/api/v1/lead.',
    '/api/v1/leäd/',
    '/api/v1/le ad/',
    '/api/v1/lead/#x',
    '/api/v1/lead/?a=1#x',
    '/api/v1/lead/?a=1;b=2',
    '/api/v1/lead/?a=\\',
    '/api/v1/lead/?a=%',
    '/api/v1/lead/?a=%ff',
    '/api/v1/lead/?a=%00',
    '/api/v1/lead/?a=ä',
    'http://elsewhere.example/api/v1/',
    '@elsewhere.example/',
    '*',
    '',
  ])('#44 #25 refuses %s, which can be read in two ways', (url) => {
    expect(refusal('GET', url)).toBe('gateway_path_invalid')
  })

  it.each([
    '/api/v1/lead/',
    '/api/v1/lead/lead_x/?_fields=id,name&_limit=1',
    '/api/v1/lead/?query=name%3A%22a%20b%22&x=?',
    '/api/v1/user',
    '/api/v1/lead/a%20b@c.d/',
    '/api/v1/lead/?a=%C3%A9%0a&b[]={"c"}',
  ])('takes %s as it is', (url) => {
    const [path, ...query] = url.split('?')
    const target = { method: 'GET', path, query: query.join('?'), hasBody: false, paramsInBody: false }
    expect(readTarget('GET', url, ['Host', 'a'])).toEqual(target)
  })

  it('does not fold case: the rules see what Close sees', () => {
    expect(readTarget('GET', '/API/v1/Lead/', []).path).toBe('/API/v1/Lead/')
  })

  it.each([
    [['Content-Length', '3', 'content-length', '3']],
    [['Content-Length', '3', 'Transfer-Encoding', 'chunked']],
    [['Transfer-Encoding', 'gzip, chunked']],
    [['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']],
    [['Content-Length', '+3']],
    [['Content-Type', 'a/b', 'content-type', 'c/d']],
    [['Authorization', 'a', 'authorization', 'b']],
    [['X-HTTP-Method-Override', 'GET', 'x_http_method_override', 'DELETE']],
    [['X-HTTP-Method', 'GET', 'X-Method-Override', 'GET']],
  ])('#44 refuses headers that say a thing in two ways: %j', (headers) => {
    expect(refusal('POST', '/api/v1/lead/', headers)).toBe('gateway_request_ambiguous')
  })

  it('#44 takes the method that an override names, of a POST alone', () => {
    const method = (name: string, value: string) => readTarget('POST', '/api/v1/lead/', [name, value]).method
    expect(method('X-HTTP-Method-Override', 'delete')).toBe('DELETE')
    expect(method('x_http_method', ' PUT ')).toBe('PUT')
    expect(refusal('GET', '/a/', ['x-http-method-override', 'DELETE'])).toBe('gateway_request_ambiguous')
    expect(refusal('POST', '/a/', ['x-http-method-override', 'PURGE'])).toBe('method_not_allowed')
    expect(refusal('POST', '/a/', ['x-http-method-override', 'GET, DELETE'])).toBe('method_not_allowed')
    for (const query of ['_method=DELETE', '_m%65thod=DELETE', 'X-HTTP-Method-Override=PUT']) {
      expect(refusal('POST', `/a/?${query}`)).toBe('gateway_request_ambiguous')
    }
  })

  it.each(['OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'get', ''])('#44 refuses the method "%s"', (method) => {
    expect(refusal(method, '/api/v1/lead/')).toBe('method_not_allowed')
  })

  it('#44 refuses a body of a GET', () => {
    expect(refusal('GET', '/a/', ['Content-Length', '2'])).toBe('gateway_request_ambiguous')
    expect(refusal('GET', '/a/', ['Content-Length', '0'])).toBeNull()
  })

  it('#44 puts the filters of a POST that stands for a GET where the rules look for them', () => {
    const headers = ['x-http-method-override', 'GET', 'content-length', '9']
    const target = readTarget('POST', '/api/v1/lead/?_limit=5', headers)
    expect(target).toMatchObject({ method: 'GET', paramsInBody: true })
    const params = { query: 'a b&c', has: true, id__in: ['x', 'y'] }
    expect(withParams(target, { _params: params })).toEqual({
      ...{ method: 'GET', path: '/api/v1/lead/', hasBody: false, paramsInBody: false },
      query: '_limit=5&query=a+b%26c&has=true&id__in=x%2Cy',
    })
    for (const body of [
      null,
      [],
      {},
      { _params: { a: {} } },
      { _params: {}, b: 1 },
      { _params: { _limit: 1 } },
    ]) {
      expect(() => withParams(target, body)).toThrow('two ways')
    }
  })
})
