import type { CloseErrorCode } from '@latchwork/close'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeResponse, type Verdict } from '../src/judge.ts'

type Parts = {
  status: number
  body?: string
  headers?: Record<string, string>
  repeatable?: boolean
  secrets?: string[]
}

const judge = ({ status, body = '', headers = {}, repeatable = true, secrets = [] }: Parts): Verdict =>
  judgeResponse({ status, bodyText: body, headers: new Headers(headers), repeatable, nowMs: 0, secrets })

const refusal = (parts: Parts): { code: CloseErrorCode; message: string; [field: string]: unknown } => {
  const verdict = judge(parts)
  if (verdict.ok) throw new Error('expected a refusal')
  return { ...verdict.error, code: verdict.error.code, message: verdict.error.message }
}

describe('judgeResponse: success', () => {
  it('parses the body, and takes an empty one as null', () => {
    expect(judge({ status: 200, body: '{"id":"lead_1"}' })).toEqual({ ok: true, value: { id: 'lead_1' } })
    expect(judge({ status: 200, body: '' })).toEqual({ ok: true, value: null })
    expect(judge({ status: 204 })).toEqual({ ok: true, value: null })
    expect(judge({ status: 201, body: ' \n' })).toEqual({ ok: true, value: null })
  })

  it('cannot use a success that is not JSON', () => {
    const body = '<html>Welcome to the hotel network</html>'
    expect(refusal({ status: 200, body })).toMatchObject({ code: 'server_error', status: 200 })
    expect(refusal({ status: 200, body, repeatable: false })).toMatchObject({ code: 'in_doubt', status: 200 })
  })
})

describe('judgeResponse: codes', () => {
  const cases: [number, CloseErrorCode][] = [
    [301, 'server_error'],
    [400, 'invalid'],
    [401, 'unauthorized'],
    [402, 'plan_limit'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [405, 'invalid'],
    [408, 'server_error'],
    [410, 'not_found'],
    [415, 'invalid'],
    [425, 'server_error'],
    [429, 'rate_limited'],
    [500, 'server_error'],
    [502, 'server_error'],
    [503, 'server_error'],
    [504, 'server_error'],
    [599, 'server_error'],
    [999, 'server_error'],
  ]
  it.each(cases)('%i is %s', (status, code) => expect(refusal({ status })).toMatchObject({ code, status }))

  it('is in doubt when a gateway answers in place of Close to what must not be repeated', () => {
    for (const status of [502, 504]) expect(refusal({ status, repeatable: false }).code).toBe('in_doubt')
    for (const status of [500, 503]) expect(refusal({ status, repeatable: false }).code).toBe('server_error')
  })
})

describe('judgeResponse: bodies', () => {
  it('reads the generic shape', () => {
    expect(refusal({ status: 401, body: '{"error":"Unauthorized"}' }).message).toContain(
      'Close says: Unauthorized',
    )
    expect(refusal({ status: 400, body: '{"error":{"message":"No"}}' }).message).toContain('Close says: No')
  })

  it('reads field errors', () => {
    const body = '{"errors":[],"field-errors":{"_limit":"Input should be less than or equal to 200"}}'
    expect(refusal({ status: 400, body })).toMatchObject({
      fieldErrors: { _limit: 'Input should be less than or equal to 200' },
      message: expect.stringContaining('_limit: Input should be'),
    })
    expect(refusal({ status: 400, body: '{"field-errors":{"cursor":"Expired cursor"}}' })).toMatchObject({
      fieldErrors: { cursor: 'Expired cursor' },
    })
    expect(refusal({ status: 400, body: '{"errors":["One","Two"]}' }).message).toContain('One; Two')
  })

  it('flattens nested field errors to dotted paths', () => {
    const nested = {
      'field-errors': {
        contacts: {
          errors: {
            0: { errors: [], 'field-errors': { emails: [{ email: 'Bad address' }], name: ['Too', 'long'] } },
          },
        },
      },
    }
    expect(refusal({ status: 400, body: JSON.stringify(nested) })).toMatchObject({
      fieldErrors: { 'contacts.0.emails.0.email': 'Bad address', 'contacts.0.name': 'Too long' },
    })
  })

  it('cleans and cuts what Close says, and blanks secrets', () => {
    const { message } = refusal({
      status: 400,
      body: JSON.stringify({ error: `line\r\nSet-Cookie: x\u202e\u0000${'a'.repeat(5_000)}` }),
    })
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(message.length).toBeLessThan(450)

    const secret = 'api_leftleftleft.rightright'
    const echo = JSON.stringify({
      error: `${secret}`.repeat(100),
      'field-errors': { [secret]: `x ${secret}` },
    })
    const refused = refusal({ status: 400, body: echo, secrets: [secret] })
    expect(JSON.stringify(refused)).not.toContain(secret.slice(0, 12))
  })

  it('keeps a field named __proto__ as data', () => {
    const { fieldErrors } = refusal({ status: 400, body: '{"field-errors":{"__proto__":"polluted"}}' })
    expect(Object.entries(fieldErrors ?? {})).toEqual([['__proto__', 'polluted']])
  })

  it('survives anything', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
        const { message, fieldErrors } = refusal({ status, body })
        expect(message.length).toBeLessThan(600)
        for (const field of Object.values(fieldErrors ?? {})) expect(typeof field).toBe('string')
      }),
    )
    fc.assert(
      fc.property(fc.json({ maxDepth: 12 }), (inner) => {
        const { fieldErrors } = refusal({ status: 400, body: `{"errors":${inner},"field-errors":${inner}}` })
        expect(Object.keys(fieldErrors ?? {}).length).toBeLessThanOrEqual(50)
      }),
    )
  })
})

describe('judgeResponse: waiting', () => {
  it('prefers the exact reset to its rounded twin, and the longer of two that disagree', () => {
    const wait = (headers: Record<string, string>): unknown =>
      refusal({ status: 429, headers })['retryAfterSeconds']
    expect(wait({ ratelimit: 'limit=100, remaining=0, reset=4.2', 'retry-after': '5' })).toBe(4.2)
    expect(wait({ ratelimit: 'limit=100, remaining=9, reset=1', 'retry-after': '30' })).toBe(30)
    expect(wait({ 'retry-after': '7' })).toBe(7)
    expect(wait({})).toBeUndefined()
  })

  it('takes the time in the body where no header has one, as older answers say it', () => {
    const wait = (body: unknown, headers: Record<string, string> = {}): unknown =>
      refusal({ status: 429, headers, body: JSON.stringify(body) })['retryAfterSeconds']
    expect(wait({ error: { rate_reset: 2.5, message: 'API call count exceeded' } })).toBe(2.5)
    expect(wait({ rate_reset: 3 })).toBe(3)
    expect(wait({ rate_reset: 3 }, { 'retry-after': '7' })).toBe(7)
    expect(wait({ rate_reset: 1e9 })).toBe(86_400)
    for (const rate_reset of [-1, '3', null, Number.NaN]) expect(wait({ rate_reset })).toBeUndefined()
    const failed = { status: 503, body: '{"rate_reset":3}' }
    expect(refusal(failed)['retryAfterSeconds']).toBeUndefined()
  })

  it('takes Retry-After with a 503', () => {
    expect(refusal({ status: 503, headers: { 'retry-after': '3' } })['retryAfterSeconds']).toBe(3)
  })
})
