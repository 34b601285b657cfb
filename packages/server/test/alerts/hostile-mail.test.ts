import { createServer, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { Secret } from '@latchwork/vault'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type EmailLimits, sendEmail } from '../../src/alerts/email.ts'

const limits: EmailLimits = { stepMs: 300, wholeMs: 400, answerBytes: 8 * 1024 }
const password = 'canary/pass 4417+word'
const alert = { id: 'alert_1', title: 'Title', message: 'Message' }

/** A mail server that does one thing with whoever connects. */
async function hostileMail(greet: (socket: Socket) => void): Promise<{ url: Secret; left: Promise<void> }> {
  let leave = (): void => undefined
  const left = new Promise<void>((resolve) => {
    leave = resolve
  })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', leave)
    greet(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: new Secret(`smtp://wren:${encodeURIComponent(password)}@127.0.0.1:${port}`), left }
}

const send = (smtpUrl: Secret) =>
  sendEmail({ smtpUrl, from: 'a@b.example', to: null }, 'c@d.example', alert, 'https://x.example', limits)

describe('a hostile mail server', () => {
  it.each<[string, (socket: Socket) => void]>([
    [
      '#46 answers drop by drop',
      (socket) => {
        const timer = setInterval(() => socket.write('2'), 20)
        socket.once('close', () => clearInterval(timer))
      },
    ],
    [
      '#46 has always more to say',
      (socket) => {
        const timer = setInterval(() => socket.write('220-and\r\n'), 20)
        socket.once('close', () => clearInterval(timer))
      },
    ],
    ['#46 says nothing', () => undefined],
    ['#56 sends a line without end', (socket) => socket.write('x'.repeat(1_000_000))],
    ['#56 sends lines without end', (socket) => socket.write('220-x\r\n'.repeat(100_000))],
  ])('%s: it is hung up on', async (_, greet) => {
    const { url, left } = await hostileMail(greet)
    await expect(send(url)).rejects.toThrow(/^.{5,2000}$/)
    await left
  })

  it('#41 says the password back, in no error', async () => {
    const login = Buffer.from(`\0wren\0${password}`).toString('base64')
    for (const echo of [
      password,
      encodeURIComponent(password),
      Buffer.from(password).toString('base64'),
      login,
    ]) {
      const { url } = await hostileMail((socket) => {
        socket.write('220 x\r\n')
        socket.on('data', (chunk: Buffer) => {
          if (chunk.toString().startsWith('EHLO')) socket.write('250-x\r\n250 AUTH PLAIN\r\n')
          else socket.write(`535 no ${echo}\r\n`)
        })
      })
      const error = await send(url).then(
        () => null,
        (failure: unknown) => failure,
      )
      if (!(error instanceof Error)) throw new Error('it was sent')
      expect(error.message).toContain('[secret]')
      // All properties of an error may be stored with the failed job.
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(echo)
    }
  })

  it.each([
    ['control characters', Buffer.from('535 no \u001b[2J \u0007 \u202e gone\r\n')],
    ['no UTF-8', Buffer.from([...Buffer.from('535 no '), 0xff, 0xfe, 0xc0, 0x0d, 0x0a])],
    ['a page of HTML', Buffer.from('<html>\r\n<h1>Welcome</h1>\r\n')],
  ])('#41 refuses with %s: an error of a line', async (_, refusal) => {
    const { url, left } = await hostileMail((socket) => {
      socket.write('220 x\r\n')
      socket.on('data', (chunk: Buffer) => {
        socket.write(chunk.toString().startsWith('EHLO') ? '250-x\r\n250 AUTH PLAIN\r\n' : refusal)
      })
    })
    await expect(send(url)).rejects.toThrow(/^[^\p{Cc}\u202e]{5,2000}$/u)
    await left
  })
})
