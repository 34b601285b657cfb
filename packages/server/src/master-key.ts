import { LatchworkError } from '@latchwork/contract'
import {
  createLocalProvider,
  createVault,
  type KeyProvider,
  makeSentinel,
  openKeyFile,
  parseKeys,
  type Vault,
  verifySentinel,
} from '@latchwork/vault'
import type { Settings } from './settings/settings.ts'
import type { FactStore } from './stores/interfaces.ts'

const sentinelFact = 'master_key_sentinel'

/**
 * The vault under the master key of the settings. The first start makes the key file, and notes in the database which
 * key it belongs to; a later start with no key or another one is refused.
 * @throws {LatchworkError} `master_key_missing`, `master_key_wrong`, both naming the fingerprint that is needed
 */
export async function openVault(
  settings: Pick<Settings, 'masterKey' | 'masterKeyFile'>,
  facts: FactStore,
): Promise<Vault> {
  const stored = await facts.get(sentinelFact)
  const provider = openProvider(settings, stored)
  const sentinel = stored ?? (await facts.setOnce(sentinelFact, await makeSentinel(provider)))
  await verifySentinel(provider, sentinel)
  return createVault(provider)
}

function openProvider(
  { masterKey, masterKeyFile }: Pick<Settings, 'masterKey' | 'masterKeyFile'>,
  sentinel: string | null,
): KeyProvider {
  const source = 'LATCHWORK_MASTER_KEY'
  try {
    return masterKey === null
      ? openKeyFile(masterKeyFile, { create: sentinel === null })
      : createLocalProvider(parseKeys(masterKey.reveal(), source), source)
  } catch (error) {
    // A sealed value begins with its format and the id of its key.
    const needed = sentinel?.split('.')[1]
    if (!(error instanceof LatchworkError) || needed === undefined) throw error
    throw new LatchworkError(error.code, {
      message: `${error.message} This database needs the master key ${needed}.`,
      cause: error,
    })
  }
}
