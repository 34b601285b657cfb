import { viewersOf } from './0006-credential-lists.ts'
import type { ColumnKinds } from './kinds.ts'

/**
 * Words are looked for in the credentials themselves: see docs/adr/0014. The copies of their texts, the index of their
 * words and the triggers that kept both go; who sees a credential is kept as before.
 */
export function plainSearch({ dialect }: ColumnKinds): string[] {
  return dialect === 'sqlite' ? sqlite : postgres
}

const remember = viewersOf('c.id = new.id', 'subject_id')

const sqlite = [
  'drop trigger credentials_searched',
  'drop trigger credentials_added',
  `create trigger credentials_added after insert on credentials begin ${remember}; end`,
  'drop table credential_texts',
  'drop table credential_trigrams',
]

const postgres = [
  // With their triggers.
  'drop function credentials_searched() cascade',
  'drop function credentials_worded() cascade',
  `create or replace function credentials_added() returns trigger language plpgsql as
    $$ begin ${remember}; return null; end $$`,
  'drop table credential_texts',
  'drop table credential_words',
  'drop table credential_vocabulary',
  'drop function credential_words_of(text)',
  // Where the extension can't be had, all texts are read.
  `do $$ begin
    create extension if not exists pg_trgm;
    create index credentials_by_trigrams on credentials using gin ((
      search_name || ' ' || search_description || ' ' || search_account || ' ' || search_tags) gin_trgm_ops)
      where status <> 'draft' and deleted_at is null;
  exception
    when insufficient_privilege or feature_not_supported or undefined_file or undefined_object then
      raise notice 'without pg_trgm: %', sqlerrm;
  end $$`,
]
