import { readFile } from 'node:fs/promises'
import { fingerprintOf } from './connection.ts'
import { CommandError } from './exit-codes.ts'

/** Reads a certificate to trust, in PEM. @throws {CommandError} `usage` */
export async function readCertificate(file: string): Promise<string> {
  const pem = await readFile(file, 'utf8').catch(() => {
    throw new CommandError('usage', `The file ${file} can't be read.`)
  })
  try {
    fingerprintOf(pem)
  } catch {
    throw new CommandError('usage', `The file ${file} holds no certificate in PEM.`)
  }
  return pem
}
