import { expect, it } from 'vitest'
import { refreshTokens } from '../../../src/credentials/tokens/token-client.ts'
import { closeOAuth } from './close-oauth.ts'
import { startTokenServer } from './token-server.ts'

it('a token endpoint that is silent is given up after fifteen seconds, and leaves the token in doubt', async () => {
  await using server = await startTokenServer()
  server.answers = [() => undefined]
  const app = { clientId: 'oa2client_one', clientSecret: 'secret-1' }
  expect(await refreshTokens(closeOAuth(server.url), app, 'refresh-1')).toEqual({
    kind: 'in_doubt',
    answered: false,
  })
})
