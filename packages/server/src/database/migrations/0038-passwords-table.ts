/** "Account" means whom a credential acts for, and nothing else. */
export function passwordsTable(): string[] {
  return [
    'alter table "account" rename to "passwords"',
    'drop index "account_userId_idx"',
    'create index "passwords_userId_idx" on "passwords" ("userId")',
  ]
}
