import { newId } from '@latchwork/contract'
import type { OpenStores } from '@latchwork/server'

type NewCredential = Parameters<OpenStores['credentials']['insert']>[0]

/** A verified credential in its stored form. */
export function newCredential(changes: Partial<NewCredential> & { readonly name: string }): NewCredential {
  return {
    id: newId('credential'),
    connector: 'close',
    method: 'api_key',
    ownerId: 'usr_bench',
    description: 'Made for the bench',
    tags: ['bench'],
    status: 'verified',
    reasonCode: null,
    reasonMessage: null,
    statusAt: Date.now(),
    identity: null,
    values: {},
    // For benches that open no secret.
    sealed: { wrappedKey: '', fields: {} },
    secretVersion: 1,
    grantedScope: null,
    accessTokenExpiresAt: null,
    draftExpiresAt: null,
    ...changes,
  }
}
