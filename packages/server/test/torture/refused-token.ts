import type { StoreKind } from './places.ts'
import { serve } from './served.ts'

export interface RefusedTokenFigures {
  readonly status: string
  readonly reason: string | undefined
  readonly apiCalls: number
  readonly tokenRequests: number
  /** Requests of any kind that three more uses cost. */
  readonly later: { readonly token: number; readonly status: string }
}

/** Close's API answers 401 to every access token, new ones too; its token endpoint works. */
export async function refuseEveryToken(store: StoreKind): Promise<RefusedTokenFigures> {
  await using served = await serve(store)
  const { sandbox, person } = served
  const [id = ''] = await served.credentials(1)
  sandbox.control.addFault({ target: 'api', kind: 'status', status: 401, times: 1000 })
  const params = { id }
  await person.client.credentials.check({ params })
  const { status, reason } = await person.client.credentials.get({ params })
  const { api, token } = served.sent()
  for (let again = 0; again < 3; again++) await person.client.credentials.check({ params })
  const after = await person.client.credentials.get({ params })
  return {
    status,
    reason: reason?.code,
    apiCalls: api,
    tokenRequests: token,
    later: { token: served.sent().token - token, status: after.status },
  }
}
