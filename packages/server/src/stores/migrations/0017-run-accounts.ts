/** Whom a run reads and writes as, from its first secret to its end: nothing for one that is under way already. */
export function runAccounts(): string[] {
  return [
    'alter table runs add column source_account text',
    'alter table runs add column destination_account text',
  ]
}
