import { inspect } from 'node:util'
import { type CloseAuth, createCloseClient } from '@latchwork/close'
import { describe, expect, it } from 'vitest'
import { type Answer, drop, json, startServer, text } from './close-server.ts'

const secret = 'canary9f3b7c1e5d'
const forms = [secret, btoa(`${secret}:`), btoa(secret).slice(0, 16)]

const echo =
  (status: number): Answer =>
  (response, request) => {
    const header = String(request.headers.authorization)
    response.writeHead(status, { 'content-type': 'application/json', 'x-echo': header, 'retry-after': '0' })
    response.end(
      JSON.stringify({
        error: `you sent ${header} ${secret}`,
        'field-errors': { [header]: header, [secret]: [secret] },
      }),
    )
  }

const answers: [string, Answer][] = [
  ...[400, 401, 402, 403, 404, 415, 429, 500, 503].map((status): [string, Answer] => [
    `an echoing ${status}`,
    echo(status),
  ]),
  ['a dropped connection', drop],
  [
    'an echo that is not JSON',
    (response, request) => response.end(`Authorization: ${request.headers.authorization}`),
  ],
  ['a redirect with the secret', text(302, '', { location: `https://evil.example/?${secret}` })],
  ['an echoing object without an id', json(200, { error: secret })],
]
const auths: CloseAuth[] = [
  { type: 'api_key', apiKey: secret },
  { type: 'bearer', accessToken: secret },
]

describe('an error never carries the secret', () => {
  it.each(answers)('#41 after %s', async (_name, answer) => {
    for (const auth of auths) {
      const { url } = await startServer(answer)
      const client = createCloseClient({
        apiUrl: url,
        authorize: async () => auth,
        retry: { maxAttempts: 1, maxRateLimitedAttempts: 1 },
      })
      for (const call of [() => client.leads.get('lead_1'), () => client.leads.create({ name: secret })]) {
        const error: unknown = await call().then(
          () => expect.unreachable('the call should have failed'),
          (reason: unknown) => reason,
        )
        expect(error).toBeInstanceOf(Error)
        const shown = `${inspect(error, { depth: 10, showHidden: true })} ${JSON.stringify(error)}`
        for (const form of forms) expect(shown).not.toContain(form)
      }
    }
  })

  it('#41 nor does the refusal of a malformed one', async () => {
    const client = createCloseClient({
      authorize: async () => ({ type: 'api_key', apiKey: `${secret}\n${secret}` }),
    })
    const error: unknown = await client.me().catch((reason: unknown) => reason)
    expect(inspect(error, { depth: 10 })).not.toContain(secret)
  })
})
