import http from 'node:http'
import { hostname } from 'node:os'
import { run } from './run.ts'

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interrupted.signal.aborted) process.exit(130) // the second Ctrl-C ends it at once
    interrupted.abort()
  })
}
// The reader of a pipe may stop early, as `head` does.
process.stdout.on('error', (error) => {
  process.exit('code' in error && error.code === 'EPIPE' ? 0 : 1)
})

// `HTTPS_PROXY` and `NO_PROXY`; newer than the oldest Node that the rest needs.
if ('setGlobalProxyFromEnv' in http) http.setGlobalProxyFromEnv()

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  hostName: hostname(),
  signal: interrupted.signal,
})
