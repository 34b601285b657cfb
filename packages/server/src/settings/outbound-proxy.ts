import http from 'node:http'
import { LatchworkError } from '@latchwork/contract'

const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'] as const

/**
 * Sends what goes out by https or http through the proxies that the environment names, except to what `NO_PROXY` names.
 * Databases and mail servers are reached directly: they speak other protocols.
 * @returns what to tell whoever starts the server, where its Node can't use a proxy
 * @throws LatchworkError `settings_invalid` for a proxy that is no address
 * @see https://nodejs.org/api/http.html#built-in-proxy-support
 */
export function useOutboundProxies(env: NodeJS.ProcessEnv): string | null {
  const named = names.filter((name) => (env[name] ?? '') !== '')
  const [first] = named
  if (first === undefined || env['NODE_USE_ENV_PROXY'] === '1') return null
  const wrong = named.find((name) => !/^https?:$/.test(URL.parse(env[name] ?? '')?.protocol ?? ''))
  if (wrong !== undefined) {
    // The value may hold a password, and is not repeated.
    const message = `${wrong} must be the address of a proxy like http://proxy.company.example:3128.`
    throw new LatchworkError('settings_invalid', {
      message,
      errors: [{ field: wrong, rule: 'proxy', message }],
    })
  }
  // Newer than the oldest Node that the rest needs.
  const use = Reflect.get(http, 'setGlobalProxyFromEnv') as typeof http.setGlobalProxyFromEnv | undefined
  if (use === undefined) {
    return `${first} is not used: Node ${process.versions.node} can't set a proxy. Take Node 24.14 or newer, or, from 22.21 on, set NODE_USE_ENV_PROXY=1.`
  }
  use(env)
  return null
}
