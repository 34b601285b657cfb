import type { Credential } from '@latchwork/contract'
import type { Context } from '../context.ts'
import { clean } from '../terminal.ts'
import { accountOf, credentialStyles, shortTime } from '../words.ts'

export const credentialArgument = ['<credential>', 'its id or its whole name'] as const

export function showCredential(context: Context, credential: Credential): void {
  const { terminal } = context
  const { status, reason } = credential
  context.showDetails([
    ['Id', credential.id],
    ['Name', credential.name],
    ['Description', credential.description],
    ['Connector', credential.connector],
    ['Method', credential.method],
    ['Account', accountOf(credential)],
    ...Object.entries(credential.values).map(([name, value]) => [name, value] as const),
    ['Secrets', credential.secretsSet.join(', ')],
    ['Scope', credential.grantedScope ?? ''],
    ['Tags', credential.tags.join(', ')],
    ['Owner', credential.owner.name],
    ['Used by', String(credential.usageCount)],
    ['Last used', shortTime(credential.lastUsedAt)],
    ['Created', shortTime(credential.createdAt)],
    ['Status', `${status} since ${shortTime(credential.statusAt)}`, credentialStyles[status]],
  ])
  if (reason !== null) terminal.print(`${clean(reason.message)} (${clean(reason.code)})`)
}
