import { existsSync } from 'node:fs'
import { LatchworkError, type MasterKeys } from '@latchwork/contract'
import {
  type ChangeableKeys,
  combineKeys,
  countOperations,
  createLocalProvider,
  createVault,
  type KeyProvider,
  makeSentinel,
  openKeyFile,
  openServiceKey,
  parseKeys,
  type Vault,
  verifySentinel,
} from '@latchwork/vault'
import type { MetadataStore } from '../database/metadata.ts'
import type { Settings } from '../settings/settings.ts'
import type { KeyStore } from './store.ts'

/** The metadata by which a start knows that it was given the right key. */
export const sentinelName = 'master_key_sentinel'

const operationsAtOnce = 1000

export type KeySettings = Pick<Settings, 'masterKey' | 'masterKeyFile'> & Partial<Pick<Settings, 'kms'>>

export interface OpenKeys {
  readonly vault: Vault
  readonly provider: KeyProvider
  /** The key file, if the keys come from one: only there the server itself can make keys. */
  readonly changeable: ChangeableKeys | null
  /** Where the active key comes from. */
  readonly origin: MasterKeys['origin']
  /** From now on opens nothing with this key, in this process. */
  refuse(keyId: string): void
  /** Resolves when the counts are stored. */
  drain(): Promise<void>
}

/**
 * Opens the master keys of the settings, and the vault under them. The first start makes the key file, and stores in
 * the database which key it belongs to. A later start with no key or another one is refused, and so is a start without
 * a key that stored values still need. If a key service fails, the start is refused, even if another key is at hand.
 * @throws {LatchworkError} `master_key_missing`, `master_key_wrong`, both naming the fingerprint that is needed;
 * `kms_unavailable`
 */
export async function openKeys(
  settings: KeySettings,
  { metadata, keys }: { readonly metadata: MetadataStore; readonly keys: KeyStore },
): Promise<OpenKeys> {
  const source = await openVerified(settings, metadata)
  const known = await keys.list()
  const retired = new Set(known.filter((key) => key.retiredAt !== null).map((key) => key.id))
  const ring = combineKeys(source.provider, [], retired)
  if (retired.has(ring.activeKeyId)) {
    throw new LatchworkError('master_key_wrong', {
      message: `The master key ${ring.activeKeyId} of ${ring.description} was retired. Put another one first.`,
    })
  }
  const absent = known.filter((key) => key.retiredAt === null && !ring.keyIds.includes(key.id))
  if (absent.length > 0) await refuseIfNeeded(absent, await keys.countByKey(), ring.description)
  await keys.note(ring.keyIds, ring.description)
  const counted = await countOperations(
    ring,
    (keyId, uses) => keys.addOperations(keyId, uses),
    operationsAtOnce,
  )
  return {
    vault: createVault(counted.provider),
    provider: counted.provider,
    changeable: source.changeable,
    origin: source.origin,
    refuse: (keyId) => void retired.add(keyId),
    drain: () => counted.drain(),
  }
}

/** Opens only the vault, to read a database without serving it. @throws {LatchworkError} as `openKeys` */
export async function openVault(settings: KeySettings, metadata: MetadataStore): Promise<Vault> {
  return createVault((await openVerified(settings, metadata)).provider)
}

/** @throws {LatchworkError} as `openKeys`, unless the settings' key fits the sentinel of a database */
export async function checkKey(settings: KeySettings, sentinel: string): Promise<void> {
  await verifySentinel((await openSource(settings, sentinel)).provider, sentinel)
}

async function openVerified(settings: KeySettings, metadata: MetadataStore): Promise<Source> {
  const stored = await metadata.get(sentinelName)
  const source = await openSource(settings, stored)
  const sentinel = stored ?? (await metadata.setOnce(sentinelName, await makeSentinel(source.provider)))
  await verifySentinel(source.provider, sentinel)
  return source
}

async function refuseIfNeeded(
  absent: readonly { id: string }[],
  counts: ReadonlyMap<string, number>,
  description: string,
): Promise<void> {
  const needed = absent.find((key) => (counts.get(key.id) ?? 0) > 0)
  if (needed === undefined) return
  throw new LatchworkError('master_key_missing', {
    message: `Some secrets are still sealed under the master key ${needed.id}, which ${description} doesn't hold. Put it back after the active one, and rotate before you remove it.`,
  })
}

interface Source {
  readonly provider: KeyProvider
  readonly changeable: ChangeableKeys | null
  readonly origin: MasterKeys['origin']
}

async function openSource(settings: KeySettings, sentinel: string | null): Promise<Source> {
  const { masterKey, masterKeyFile, kms = null } = settings
  try {
    const [active, ...readable] = kms?.keys ?? []
    if (kms === null || active === undefined) return openOwn(settings, sentinel === null)
    const open = (key: string) => openServiceKey(key, { tokenFile: kms.tokenFile })
    const others = await Promise.all(readable.map(open))
    const own = masterKey !== null || existsSync(masterKeyFile) ? [openOwn(settings, false).provider] : []
    const provider = combineKeys(await open(active), [...others, ...own], new Set())
    return { provider, changeable: null, origin: 'service' }
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

/** Opens the keys that the server itself holds. */
function openOwn({ masterKey, masterKeyFile }: KeySettings, create: boolean): Source {
  const name = 'LATCHWORK_MASTER_KEY'
  if (masterKey !== null) {
    const provider = createLocalProvider(parseKeys(masterKey.reveal(), name), name)
    return { provider, changeable: null, origin: 'environment' }
  }
  const file = openKeyFile(masterKeyFile, { create })
  return { provider: file, changeable: file, origin: 'file' }
}
