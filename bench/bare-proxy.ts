import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createServer } from 'node:https'
import { parseArgs } from 'node:util'

/*
 * The least that Node can do as a gateway: it adds an `Authorization` header, and passes on all else as it comes. It runs in
 * its own process, and prints a line once it listens.
 */
const { values } = parseArgs({
  options: {
    ...{ port: { type: 'string' }, upstream: { type: 'string' } },
    ...{ certificate: { type: 'string' }, key: { type: 'string' } },
  },
})
const { port, upstream, certificate, key } = values
const authorization = process.env['AUTHORIZATION']
if (!port || !upstream || !certificate || !key || !authorization)
  throw new Error('needs --port, --upstream, --certificate, --key and AUTHORIZATION')

const agent = new Agent({ keepAlive: true })
const to = { agent, host: '127.0.0.1', port: upstream }
createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (asked, response) => {
  const headers = { ...asked.headers, authorization }
  const sent = request({ ...to, method: asked.method, path: asked.url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
    answer.pipe(response)
  })
  sent.on('error', () => response.destroy())
  asked.pipe(sent)
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'))
