import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { LatchworkError } from '@latchwork/contract'
import { ExposedFileError, readPrivateFile } from '@latchwork/vault'
import { generate } from 'selfsigned'

/** A private key and its certificate, both PEM. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

const dayMs = 86_400_000
// Browsers refuse certificates that are valid for longer than 825 days, self-made ones included.
const validDays = 397
const renewBeforeDays = 30

/**
 * The certificate in `<dataDir>/tls`. The first start makes it for this machine's own names and the public one, since
 * Close accepts only https redirect URIs. It is made again 30 days before it expires, or when the public name changed.
 * @throws {LatchworkError} `data_dir_unwritable`; `settings_invalid` if others can read the key
 */
export async function localCertificate(
  dataDir: string,
  publicHost: string,
  nowMs: number,
): Promise<Certificate> {
  const folder = join(dataDir, 'tls')
  const names = [...new Set(['localhost', '127.0.0.1', '::1', publicHost.replace(/^\[(.*)\]$/, '$1')])]
  const stored = await readCertificate(join(folder, 'key.pem'), join(folder, 'cert.pem'))
  if (stored !== null && stillGood(stored, names, nowMs)) return stored

  const made = await makeCertificate(names, nowMs)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await replaceFile(join(folder, 'key.pem'), made.key, 0o600)
    await replaceFile(join(folder, 'cert.pem'), made.cert, 0o644)
  } catch (cause) {
    throw new LatchworkError('data_dir_unwritable', {
      message: `The folder ${folder} can't be written to. Give this user the right to, or set LATCHWORK_DATA_DIR.`,
      cause,
    })
  }
  return made
}

/**
 * The certificate from the files that the settings name.
 * @throws {LatchworkError} `settings_invalid`
 */
export async function givenCertificate(certPath: string, keyPath: string): Promise<Certificate> {
  const given = await readCertificate(keyPath, certPath)
  if (given !== null) return given
  throw new LatchworkError('settings_invalid', {
    message: `LATCHWORK_TLS_CERT (${certPath}) and LATCHWORK_TLS_KEY (${keyPath}) must be a certificate and its key in PEM, and readable.`,
  })
}

/** @throws {LatchworkError} `settings_invalid` if others can read the key */
async function readCertificate(keyPath: string, certPath: string): Promise<Certificate | null> {
  try {
    const key = readPrivateFile(keyPath)
    const cert = await readFile(certPath, 'utf8')
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? { key, cert } : null
  } catch (error) {
    if (!(error instanceof ExposedFileError)) return null
    throw new LatchworkError('settings_invalid', {
      message: `The key of the certificate, ${keyPath}, ${error.message}`,
    })
  }
}

function stillGood({ cert }: Certificate, names: readonly string[], nowMs: number): boolean {
  const parsed = new X509Certificate(cert)
  const covers = (name: string) =>
    (isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name)) !== undefined
  return parsed.validToDate.getTime() - nowMs > renewBeforeDays * dayMs && names.every(covers)
}

async function makeCertificate(names: readonly string[], nowMs: number): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: 'Latchwork on this machine' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // For clients whose clock runs late.
    notBeforeDate: new Date(nowMs - dayMs),
    notAfterDate: new Date(nowMs + validDays * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
  })
  return { key: made.private, cert: made.cert }
}

async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  const next = `${path}.new`
  await writeFile(next, content, { mode })
  await chmod(next, mode)
  await rename(next, path)
}
