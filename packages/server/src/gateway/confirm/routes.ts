import { endpoints } from '@latchwork/contract'
import type { FastifyRequest } from 'fastify'
import { tellOfAct } from '../../audit/recording.ts'
import { type HttpApp, registerEndpoint } from '../../http/endpoint.ts'
import type { Confirmations } from './confirmations.ts'

/** `/api/passes/{id}/writes` and below. */
export function registerPassWrites(app: HttpApp, confirmations: Confirmations): void {
  const contract = endpoints.passWrites
  registerEndpoint(app, contract.list, ({ params, caller }) => confirmations.list(params.id, caller.user))
  registerEndpoint(
    app,
    contract.get,
    ({ params, caller, request }) =>
      confirmations.details(params.id, params.writeId, caller.user, request.ip),
    { waits: true },
  )
  registerEndpoint(
    app,
    contract.confirm,
    ({ params, query: { seen }, caller, request }) => {
      tellWrite(request, params.writeId)
      const was = seen === undefined ? null : { digest: seen, address: request.ip }
      return confirmations.confirm(params.id, params.writeId, caller.user, was)
    },
    { waits: true },
  )
  registerEndpoint(app, contract.refuse, ({ params, caller, request }) => {
    tellWrite(request, params.writeId)
    return confirmations.refuse(params.id, params.writeId, caller.user)
  })
}

/** Which of the pass's writes: the entry is about the pass. */
function tellWrite(request: FastifyRequest, write: string): void {
  tellOfAct(request, { write })
}
