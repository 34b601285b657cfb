import { existsSync } from 'node:fs'
import { join } from 'node:path'
import staticFiles from '@fastify/static'
import { LatchworkError } from '@latchwork/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HttpApp } from './endpoint.ts'
import { sendProblem } from './problem.ts'

const notBuiltPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Latchwork</title></head>
<body><h1>The page has not been built yet</h1>
<p>Run <code>npm run build:web</code>, then start the server again. The API works without it.</p></body></html>
`

/**
 * Serves the browser application from `distDir`. Every other address of a page gets its `index.html`, since the
 * application routes by itself. Requests that nothing else answers get 404 or 405. Called before any endpoint is
 * registered.
 */
export async function registerPage(app: HttpApp, distDir: string): Promise<void> {
  const built = existsSync(join(distDir, 'index.html'))
  const allowedMethods = collectMethods(app)
  if (built) {
    await app.register(staticFiles, {
      root: distDir,
      prefix: '/',
      index: 'index.html',
      dotfiles: 'deny',
      cacheControl: false,
      acceptRanges: false,
      // The build leaves a compressed copy beside each file that is worth it.
      preCompressed: true,
      setHeaders: (response, path) => {
        response.header('vary', 'accept-encoding')
        // Names under assets/ hold a hash of their content.
        const hashed = path.startsWith(join(distDir, 'assets'))
        response.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    if (isPage(request, path)) {
      if (built) return reply.code(200).sendFile('index.html')
      return reply.code(503).type('text/html; charset=utf-8').send(notBuiltPage)
    }
    return refuse(allowedMethods(path), request, reply)
  })
}

/** `/health` itself is a screen; the paths below it are for programs. */
const programPaths = /^\/(api|close|mcp|metrics|assets|\.well-known)(\/|$)|^\/health\/|^\/oauth\/callback/

function isPage(request: FastifyRequest, path: string): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  if (programPaths.test(path)) return false
  return (request.headers.accept ?? '').includes('text/html')
}

function refuse(allowed: readonly string[], request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // If the path takes the method, the request was refused for another reason: a part that is too long.
  if (allowed.length === 0 || allowed.includes(request.method))
    return sendProblem(new LatchworkError('not_found'), request, reply)
  reply.header('allow', allowed.join(', '))
  return sendProblem(new LatchworkError('method_not_allowed'), request, reply)
}

/** Collects every address with its methods. Returns a function that finds the methods of a path. */
function collectMethods(app: HttpApp): (path: string) => string[] {
  const routes: { pattern: RegExp; methods: string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return
    const pattern = new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`)
    routes.push({ pattern, methods: [method].flat() })
  })
  return (path) => routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods)
}
