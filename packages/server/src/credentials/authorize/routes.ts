import { endpoints } from '@latchwork/contract'
import { bindBrowser } from '../../http/browser-token.ts'
import { type HttpApp, registerEndpoint } from '../../http/endpoint.ts'
import { type Authorization, authorizationTtlMs } from './authorization.ts'

/** SameSite=Lax: the browser must send it when it comes back from Close. */
const browserCookie = '__Host-latchwork-authorize'

/** Registers `authorize` and the callback, which answers a redirect instead of JSON. */
export function registerAuthorization(app: HttpApp, authorization: Authorization): void {
  registerEndpoint(
    app,
    endpoints.credentials.authorize,
    async ({ params, body, caller, request, reply }) => {
      const browserToken = bindBrowser(request, reply, browserCookie, authorizationTtlMs)
      const authorizeUrl = await authorization.begin(params.id, caller, { ...body, browserToken })
      return { authorizeUrl }
    },
    { waits: true },
  )

  const { authorization: metadata, askAuthorization: ask } = endpoints.credentials
  registerEndpoint(app, metadata, ({ params, caller }) => authorization.metadata(params.id, caller.user))
  registerEndpoint(app, ask, ({ params, caller }) => authorization.ask(params.id, caller.user))

  app.route({
    method: 'GET',
    url: '/oauth/callback',
    // A HEAD of a link preview must not spend the code.
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const query = new URL(request.url, 'https://localhost').searchParams
      const path = await authorization.complete(query, request.cookies[browserCookie])
      // 303: the browser requests the page by GET, and leaves the address with the code at once.
      return reply.redirect(path, 303)
    },
  })
}
