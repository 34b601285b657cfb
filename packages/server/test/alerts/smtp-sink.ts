import { createServer, type Server } from 'node:net'

export interface SmtpSink {
  readonly url: string
  readonly messages: { to: string[]; text: string }[]
  close(): Promise<void>
}

/** A mail server that keeps what it gets. It speaks as much of RFC 5321 as a client needs to deliver. */
export async function startSmtpSink(): Promise<SmtpSink> {
  const messages: SmtpSink['messages'] = []
  const server: Server = createServer((socket) => {
    let to: string[] = []
    let text: string | null = null
    let rest = ''
    socket.setEncoding('utf8')
    socket.on('error', () => socket.destroy())
    socket.write('220 sink.example\r\n')
    socket.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (text !== null) {
          if (line !== '.') text += `${line}\n`
          else {
            messages.push({ to, text })
            to = []
            text = null
            socket.write('250 kept\r\n')
          }
          continue
        }
        const word = line.slice(0, 4).toUpperCase()
        if (word === 'RCPT') to.push(/<(.*)>/.exec(line)?.[1] ?? '')
        if (word === 'DATA') {
          text = ''
          socket.write('354 go on\r\n')
        } else if (word === 'QUIT') socket.end('221 bye\r\n')
        else socket.write('250 ok\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `smtp://127.0.0.1:${port}`,
    messages,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
