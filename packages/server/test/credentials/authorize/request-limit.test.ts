import { createServer, type RequestListener } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { requestLimit } from '../../../src/credentials/tokens/request-limit.ts'
import { portOf } from './token-server.ts'

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${portOf(server)}`
}

/** As a process that was stopped: nothing of it runs. */
const stop = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

describe('the limit of a request', () => {
  it('ends one that is not answered', async () => {
    const url = await serve(() => undefined)
    const asked = fetch(url, { signal: requestLimit(100) })
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('leaves the answer that came while the process was stopped', async () => {
    const url = await serve((_, response) => {
      response.end('the only copy', () => stop(1500))
    })
    const answer = await fetch(url, { signal: requestLimit(100) })
    expect(await answer.text()).toBe('the only copy')
  })

  it('ends one that is not answered after the process was stopped either', async () => {
    const url = await serve(() => stop(1500))
    const asked = fetch(url, { signal: requestLimit(100) })
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})
