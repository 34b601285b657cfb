import { mkdir } from 'node:fs/promises'
import type { Clock } from '@latchwork/connectors'
import { LatchworkError, systemCode } from '@latchwork/contract'
import type { HttpApp } from '../http/endpoint.ts'
import type { Settings } from '../settings/settings.ts'
import { type Certificate, givenCertificate, localCertificate } from '../tls/certificate.ts'

/** The certificate that the settings name, or a self-made one for this machine. */
export async function serverCertificate(settings: Settings, clock: Clock): Promise<Certificate> {
  const { tls, dataDir, publicUrl } = settings
  return tls === null
    ? localCertificate(dataDir, new URL(publicUrl).hostname, clock.now())
    : givenCertificate(tls.certificateFile, tls.keyFile)
}

/** @throws {LatchworkError} `data_dir_unwritable` */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new LatchworkError('data_dir_unwritable', {
      message: `The folder ${path} can't be made. Give this user the right to, or set LATCHWORK_DATA_DIR.`,
      cause,
    })
  }
}

/** Listens. Returns the address, with the real port. @throws {LatchworkError} `port_in_use`, `settings_invalid` */
export async function listen(app: HttpApp, { host, port }: Settings): Promise<string> {
  try {
    await app.listen({
      host,
      port,
      listenTextResolver: (address) => `listening at ${address.replace(/^http:/, 'https:')}`,
    })
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EADDRINUSE') {
      throw new LatchworkError('port_in_use', {
        message: `The port ${port} on ${host} is taken by another program. Stop it, or set LATCHWORK_PORT to a free port.`,
      })
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new LatchworkError('settings_invalid', {
        message: `The server can't listen on ${host}, port ${port}: set LATCHWORK_HOST to an address of this machine, and LATCHWORK_PORT to a port that this user may use.`,
      })
    }
    throw error
  }
  const address = app.server.address()
  return `https://localhost:${typeof address === 'object' && address !== null ? address.port : port}`
}
