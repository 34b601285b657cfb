import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, codeOf, connectTo, startBytes, startClose, startGateway } from './gateway.ts'

const path = '/api/v1/lead/'

describe('what is passed on while it comes', () => {
  it('#46 closes the connection to Close within a second after the client left: before, in an answer, in an upload', async () => {
    for (const [answer, head] of [
      ['', `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`],
      ['HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf', `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`],
      ['', `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf`],
    ] as const) {
      const close = await startBytes((socket) => socket.on('data', () => socket.write(answer)))
      const gateway = await startGateway(close.origin)
      const client = connectTo(gateway)
      client.write(head)
      await expect.poll(() => close.sockets[0]?.bytesRead ?? 0).toBeGreaterThan(0)
      const left = once(close.sockets[0] ?? client, 'close')
      const atMs = performance.now()
      client.destroy()
      await left
      expect(performance.now() - atMs).toBeLessThan(1000)
      expect(await gateway.ended[0]).toMatchObject({ outcome: 'client_left', error: null })
    }
  })

  it('gives the first part of an answer before the last one exists', async () => {
    const close = await startClose((_, response) => {
      response.write('first')
      setTimeout(() => response.end('last'), 500)
    })
    const client = connectTo(await startGateway(close))
    client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    let got = ''
    client.on('data', (chunk) => {
      got += chunk.toString()
    })
    await expect.poll(() => got).toContain('first')
    expect(got).not.toContain('last')
    await expect.poll(() => got).toContain('last')
  })

  it('#56 takes an answer no faster than the client does', async () => {
    let written = 0
    const close = await startClose((_, response) => {
      const chunk = Buffer.alloc(64 * 1024)
      const more = () => {
        do written += chunk.length
        while (written < 200_000_000 && response.write(chunk))
      }
      response.on('drain', more)
      more()
    })
    const client = connectTo(await startGateway(close))
    client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    client.pause()
    await expect.poll(() => written).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 500))
    const standing = written
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(written).toBe(standing)
    expect(written).toBeLessThan(50_000_000)
  })

  it('gathers nothing while a client takes a long answer slowly', async () => {
    const warnings: string[] = []
    const note = ({ message }: Error) => warnings.push(message)
    process.on('warning', note)
    onTestFinished(() => {
      process.off('warning', note)
    })
    const bytes = 50_000_000
    const close = await startClose((_, response) => response.end(Buffer.alloc(bytes)))
    const gateway = await startGateway(close)
    const client = connectTo(gateway)
    let taken = 0
    client.on('data', (chunk: Buffer) => {
      taken += chunk.length
    })
    client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await expect.poll(() => taken).toBeGreaterThan(bytes)
    expect(warnings).toEqual([])
  })

  it('#46 gives up a client that takes nothing of its answer', async () => {
    const close = await startClose((_, response) => response.end(Buffer.alloc(50_000_000)))
    const gateway = await startGateway(close, {}, { idleMs: 300 })
    const client = connectTo(gateway)
    client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    client.pause()
    await expect.poll(() => gateway.ended.length).toBe(1)
    expect(await gateway.ended[0]).toMatchObject({ outcome: 'client_slow' })
  })

  it('passes a large upload on', async () => {
    let got = 0
    const close = await startClose((request, response) => {
      request.on('data', (chunk: Buffer) => {
        got += chunk.length
      })
      request.on('end', () => response.end(String(got)))
    })
    const gateway = await startGateway(close)
    const body = Buffer.alloc(80_000_000)
    expect((await ask(gateway, path, { method: 'POST', body })).body.toString()).toBe('80000000')
    expect(await gateway.ended[0]).toMatchObject({ bytesIn: 80_000_000, outcome: 'answered' })
  })

  it('#56 takes an upload no faster than Close does', async () => {
    const close = await startClose(() => undefined)
    const gateway = await startGateway(close)
    const client = connectTo(gateway)
    client.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 90000000\r\n\r\n`)
    client.write(Buffer.alloc(90_000_000))
    await expect.poll(() => client.bytesWritten - client.writableLength).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await gateway.upstream.close()
    const { bytesIn } = (await gateway.ended[0]) ?? { bytesIn: 0 }
    expect(bytesIn).toBeGreaterThan(0)
    expect(bytesIn).toBeLessThan(40_000_000)
  })

  it('#56 refuses an upload that is larger than is taken, by what it says and by what comes', async () => {
    const close = await startClose((request, response) => request.on('end', () => response.end()).resume())
    const gateway = await startGateway(close, {}, { bodyBytes: 1000 })
    expect(codeOf(await ask(gateway, path, { method: 'POST', body: 'x'.repeat(1001) }))).toBe(
      'body_too_large',
    )
    const client = connectTo(gateway)
    client.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`)
    client.write(`3e9\r\n${'x'.repeat(1001)}\r\n`)
    const [answer] = (await once(client, 'data')) as [Buffer]
    expect(answer.toString()).toContain('413')
  })

  it('#46 gives up an upload that does not go on', async () => {
    const close = await startBytes(() => undefined)
    const gateway = await startGateway(close.origin, {}, { idleMs: 300 })
    const client = connectTo(gateway)
    client.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf`)
    const [answer] = (await once(client, 'data')) as [Buffer]
    expect(answer.toString()).toContain('408')
    await expect.poll(() => close.sockets[0]?.readableEnded || close.sockets[0]?.destroyed).toBe(true)
  })

  it('gives an answer that comes before the upload has ended', async () => {
    const close = await startBytes((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 413 Large\r\ncontent-length: 5\r\n\r\nlarge')),
    )
    const gateway = await startGateway(close.origin, {}, { lingerMs: 200 })
    const client = connectTo(gateway)
    client.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf`)
    let got = ''
    client.on('data', (chunk) => {
      got += chunk.toString()
    })
    await once(client, 'close')
    expect(got).toMatch(/^HTTP\/1.1 413[\s\S]*large$/)
  })
})
