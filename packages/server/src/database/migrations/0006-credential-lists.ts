import type { ColumnKinds } from './kinds.ts'

/*
 * Lists of credentials whose pages cost the same however many there are: see docs/adr/0008. Two tables follow what
 * credentials and grants say, by triggers, so that no statement can forget to:
 *
 *   credential_viewers  a row for each member (or `*`, everyone) who sees a saved credential, in the order of its lists.
 *   credential_texts    the folded text that words are looked for in.
 */
export function credentialLists(kinds: ColumnKinds): string[] {
  const saved = `where status <> 'draft' and deleted_at is null`
  return [
    'drop index credentials_count',
    ...['status', 'connector', 'method'].map(
      (column) => `create index credentials_by_${column} on credentials (${column}, name_key, id) ${saved}`,
    ),
    ...viewers(kinds),
    ...texts(kinds),
    ...listTriggers(kinds, 'member_id'),
    ...(kinds.dialect === 'sqlite' ? sqliteTrigrams : [postgresTrigrams]),
    ...dueOnes(kinds),
  ]
}

/** The viewers of saved credentials: the owner and whom it is shared with. */
export const viewersOf = (condition: string, grantee = 'member_id') => `insert into credential_viewers
  select c.id, v.viewer_id, c.name_key, c.status, c.connector, c.method, c.updated_at from credentials c join (
    select id, owner_id as viewer_id from credentials
    union select resource_id, ${grantee} from resource_grants where resource_kind = 'credential'
  ) v on v.id = c.id where c.status <> 'draft' and c.deleted_at is null and ${condition}`
const unlessThere = 'on conflict do nothing'

function viewers({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `create table credential_viewers (
      credential_id ${sortedText} not null references credentials (id) on delete cascade,
      viewer_id ${sortedText} not null,
      name_key ${sortedText} not null,
      status text not null,
      connector text not null,
      method text not null,
      updated_at ${integer} not null,
      primary key (credential_id, viewer_id)
    ) ${strict}`,
    viewersOf('1 = 1'),
    `create index credential_viewers_by_name on credential_viewers (viewer_id, name_key, credential_id)`,
    `create index credential_viewers_by_update on credential_viewers (viewer_id, updated_at, credential_id)`,
    ...['status', 'connector', 'method'].map(
      (column) =>
        `create index credential_viewers_by_${column} on credential_viewers (viewer_id, ${column}, name_key, credential_id)`,
    ),
  ]
}

/** What words are looked for in. */
export const textOf = (row: string) =>
  ['name', 'description', 'account', 'tags'].map((part) => `${row}.search_${part}`).join(` || ' ' || `)

function texts({ dialect, sortedText, strict }: ColumnKinds): string[] {
  const reference = `credential_id ${sortedText} not null`
  return [
    `create table credential_texts (
      ${dialect === 'sqlite' ? `number integer not null primary key, ${reference} unique` : `${reference} primary key`}
        references credentials (id) on delete cascade,
      text text not null
    ) ${strict}`,
    `insert into credential_texts (credential_id, text) select c.id, ${textOf('c')} from credentials c`,
  ]
}

const viewed = ['owner_id', 'name_key', 'status', 'connector', 'method', 'updated_at', 'deleted_at']
const searched = ['search_name', 'search_description', 'search_account', 'search_tags']
const row = (name: 'old' | 'new', columns: readonly string[]) =>
  `(${columns.map((column) => `${name}.${column}`).join(', ')})`

const forget = 'delete from credential_viewers where credential_id = new.id'
const remember = (grantee: string) => viewersOf('c.id = new.id', grantee)
const share = (grantee: string) => `insert into credential_viewers
  select id, new.${grantee}, name_key, status, connector, method, updated_at from credentials
  where id = new.resource_id and status <> 'draft' and deleted_at is null`
const unshare = (grantee: string) => `delete from credential_viewers where credential_id = old.resource_id
  and viewer_id = old.${grantee}
  and not exists (select 1 from credentials where id = old.resource_id and owner_id = old.${grantee})`
const addText = `insert into credential_texts (credential_id, text) values (new.id, ${textOf('new')})`
const changeText = `update credential_texts set text = ${textOf('new')} where credential_id = new.id`

/** All but those of the index of trigrams. `grantee`: the column of `resource_grants` that says who has the role. */
export function listTriggers({ dialect }: ColumnKinds, grantee: string): string[] {
  return dialect === 'sqlite' ? sqliteTriggers(grantee) : postgresTriggers(grantee)
}

function sqliteTriggers(grantee: string): string[] {
  const changed = (columns: readonly string[]) =>
    `after update of ${columns.join(', ')} on credentials
      when ${row('old', columns)} is not ${row('new', columns)}`
  const trigger = (name: string, when: string, ...statements: string[]) =>
    `create trigger ${name} ${when} begin ${statements.join('; ')}; end`
  return [
    trigger('credentials_added', 'after insert on credentials', remember(grantee), addText),
    trigger('credentials_viewed', changed(viewed), forget, remember(grantee)),
    trigger('credentials_searched', changed(searched), changeText),
    trigger('credentials_shared', 'after insert on resource_grants', `${share(grantee)} ${unlessThere}`),
    trigger('credentials_unshared', 'after delete on resource_grants', unshare(grantee)),
  ]
}

function postgresTriggers(grantee: string): string[] {
  // Grants wait for a change of their credential that is under way, and it for them: neither misses the other.
  const lock = (id: string) => `perform 1 from credentials where id = ${id} for share`
  const changed = (columns: readonly string[]) => ({
    when: `after update of ${columns.join(', ')} on credentials`,
    only: `when (${row('old', columns)} is distinct from ${row('new', columns)})`,
  })
  const trigger = (name: string, { when, only = '' }: { when: string; only?: string }, ...does: string[]) => [
    `create function ${name}() returns trigger language plpgsql as
      $$ begin ${does.join('; ')}; return null; end $$`,
    `create trigger ${name} ${when} for each row ${only} execute function ${name}()`,
  ]
  return [
    ...trigger('credentials_added', { when: 'after insert on credentials' }, remember(grantee), addText),
    ...trigger('credentials_viewed', changed(viewed), forget, remember(grantee)),
    ...trigger('credentials_searched', changed(searched), changeText),
    ...trigger(
      'credentials_shared',
      { when: 'after insert on resource_grants' },
      lock('new.resource_id'),
      `${share(grantee)} ${unlessThere}`,
    ),
    ...trigger(
      'credentials_unshared',
      { when: 'after delete on resource_grants' },
      lock('old.resource_id'),
      unshare(grantee),
    ),
  ]
}

/** Finds a part of a word. Without content of its own: the text is in `credential_texts`. */
const sqliteTrigrams = [
  `create virtual table credential_trigrams using fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1')`,
  `insert into credential_trigrams (rowid, text) select number, text from credential_texts`,
  `create trigger credential_texts_added after insert on credential_texts begin
    insert into credential_trigrams (rowid, text) values (new.number, new.text); end`,
  `create trigger credential_texts_changed after update of text on credential_texts begin
    update credential_trigrams set text = new.text where rowid = new.number; end`,
  `create trigger credential_texts_removed after delete on credential_texts begin
    delete from credential_trigrams where rowid = old.number; end`,
]

/** Where the extension can't be had, searching works without this index: more slowly for rare words. */
const postgresTrigrams = `do $$ begin
  create extension if not exists pg_trgm;
  create index credential_texts_trigrams on credential_texts using gin (text gin_trgm_ops);
exception
  when insufficient_privilege or feature_not_supported or undefined_file or undefined_object then
    raise notice 'without pg_trgm: %', sqlerrm;
end $$`

/** For what repeats itself: statuses that nobody has observed, and tokens to refresh, without looking at any other. */
function dueOnes({ integer }: ColumnKinds): string[] {
  return [
    `alter table credentials add column observed_at ${integer} not null default 0`,
    `update credentials set observed_at = (
      select observed_at from credential_health where credential_id = credentials.id
    ) where id in (select credential_id from credential_health)`,
    `create index credentials_unobserved on credentials (status_at)
      where status_at <> observed_at and status <> 'draft' and deleted_at is null`,
    'drop index credentials_status_at',
    'drop index credentials_expiring',
    `create index credentials_expiring on credentials (access_token_expires_at, id)
      where status in ('verified', 'unverified') and deleted_at is null`,
  ]
}
