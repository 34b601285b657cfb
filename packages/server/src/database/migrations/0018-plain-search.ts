import type { ColumnKinds } from './kinds.ts'

/** Takes away what lists and searches of credentials were read from until now: see docs/adr/0013. */
export function plainSearch({ dialect }: ColumnKinds): string[] {
  const followed = ['added', 'viewed', 'searched', 'shared', 'unshared'].map((name) => `credentials_${name}`)
  const tables = ['credential_viewers', 'credential_texts']
  return dialect === 'sqlite'
    ? [
        ...followed.map((name) => `drop trigger ${name}`),
        ...[...tables, 'credential_trigrams'].map((name) => `drop table ${name}`),
      ]
    : [
        // With their triggers.
        ...[...followed, 'credentials_worded'].map((name) => `drop function ${name}() cascade`),
        'drop function credential_words_of(text)',
        ...[...tables, 'credential_words', 'credential_vocabulary'].map((name) => `drop table ${name}`),
      ]
}
