import { textOf } from './0006-credential-lists.ts'
import type { ColumnKinds } from './kinds.ts'

/*
 * On PostgreSQL a search reads the credentials that hold a word in the order of their names: see docs/adr/0008. Two
 * tables follow what credentials say, by triggers:
 *
 *   credential_words       a row for each word of a saved credential, in the order of names.
 *   credential_vocabulary  each of these words once: a part of a word leads to the words that have it.
 */
export function credentialWords({ dialect, sortedText }: ColumnKinds): string[] {
  if (dialect === 'sqlite') return []
  return [
    wordsOf,
    `create table credential_words (word ${sortedText} not null, name_key ${sortedText} not null,
      credential_id ${sortedText} not null)`,
    `create table credential_vocabulary (word ${sortedText} primary key)`,
    `insert into credential_words select word, name_key, id
      from credentials c, unnest(credential_words_of(${textOf('c')})) word where ${saved('c')}`,
    'insert into credential_vocabulary select distinct word from credential_words',
    'create unique index credential_words_by_name on credential_words (word, name_key, credential_id)',
    trigrams,
    follow,
    ...['insert', 'delete'].map((event) => trigger(event, '')),
    trigger('update', `when (${told('old')} is distinct from ${told('new')})`),
  ]
}

/**
 * The words of a text: letters and digits, and all beyond ASCII. Long ones are cut into pieces that overlap, so that they
 * fit an index and each part of up to 50 letters is in one of the pieces.
 */
const wordsOf = `create function credential_words_of(text) returns text[] language sql immutable strict as $$
  select coalesce(array_agg(distinct piece collate "C" order by piece collate "C"), '{}')
  from regexp_split_to_table($1, '[^a-z0-9\\u0080-\\U0010FFFF]+') word,
    generate_series(0, greatest(0, (length(word) - 51) / 50)) part,
    substr(word, 1 + 50 * part, 100) piece
  where word <> '' $$`

const saved = (row: string) => `${row}.status <> 'draft' and ${row}.deleted_at is null`
const told = (row: 'old' | 'new') => `(${saved(row)}, ${row}.name_key, ${textOf(row)})`

/**
 * Whoever adds a credential holds its words in the vocabulary until that is committed. Whoever takes the last one of a
 * word away takes the word out too, unless it is held: nobody waits for two, and no word is lost to somebody who adds it.
 */
const follow = `create function credentials_worded() returns trigger language plpgsql as $$
  declare
    gone text[] := '{}';
    come text[] := '{}';
    held bigint;
  begin
    if tg_op <> 'INSERT' then
      if ${saved('old')} then gone := credential_words_of(${textOf('old')}); end if;
      delete from credential_words
        where word = any (gone) and name_key = old.name_key and credential_id = old.id;
    end if;
    if tg_op <> 'DELETE' then
      if ${saved('new')} then come := credential_words_of(${textOf('new')}); end if;
      loop
        insert into credential_vocabulary select unnest(come) on conflict do nothing;
        perform 1 from credential_vocabulary where word = any (come) order by word for key share;
        get diagnostics held = row_count;
        exit when held = cardinality(come);
      end loop;
      insert into credential_words select word, new.name_key, new.id from unnest(come) word;
    end if;
    gone := array(select word from credential_vocabulary v where word = any (gone)
      and not exists (select 1 from credential_words w where w.word = v.word) for update skip locked);
    delete from credential_vocabulary v where word = any (gone)
      and not exists (select 1 from credential_words w where w.word = v.word);
    return null;
  end $$`

const trigger = (event: string, only: string) =>
  `create trigger credentials_worded_${event} after ${event} on credentials
    for each row ${only} execute function credentials_worded()`

/** Where the extension can't be had, the vocabulary is read through. */
const trigrams = `do $$ begin
  create index credential_vocabulary_trigrams on credential_vocabulary using gin (word gin_trgm_ops);
exception
  when undefined_object then raise notice 'without pg_trgm: %', sqlerrm;
end $$`
