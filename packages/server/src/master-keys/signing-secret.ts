import { newRandomToken, Secret, type Vault } from '@latchwork/vault'
import { z } from 'zod'
import type { MetadataStore } from '../database/metadata.ts'

/**
 * The secret that signs the cookies and the end of the audit log. It is made once and stored sealed, so that sessions
 * outlive a restart and a dump of the database can forge neither.
 */
export async function signingSecret(
  stores: { readonly metadata: Pick<MetadataStore, 'setOnce'> },
  vault: Vault,
): Promise<string> {
  const place = { table: 'metadata', rowId: 'session_signing', version: 1 }
  const made = await vault.seal(place, { secret: new Secret(newRandomToken()) })
  const stored = await stores.metadata.setOnce('session_signing', JSON.stringify(made))
  const sealed = z
    .object({ wrappedKey: z.string(), fields: z.record(z.string(), z.string()) })
    .parse(JSON.parse(stored))
  return (await vault.open(place, sealed, 'secret')).reveal()
}
