import { createHash } from 'node:crypto'
import pg from 'pg'

/** The member whose lists are measured, and an API token of theirs. */
export const member = { id: 'usr_bench_member', token: 'lw_bench_member_token' }

const tables = [
  'credentials',
  'credential_viewers',
  'credential_texts',
  'credential_words',
  'resource_grants',
  'ends',
  'flows',
]

/*
 * Rows as an organization would have them, from the number of each: names of several words, an account, a description,
 * tags, statuses, two connectors, an owner out of one for fifty credentials, a grant for another member. The measured
 * member sees the same ones however many there are: owns 40, was granted 200, and 500 are shared with everyone.
 */
const owned = 'i <= 40'
const granted = 'i > 40 and i <= 240'
const open = 'i > 240 and i <= 740'

const pick = (words: string, salt: string) => {
  const list = words.split(' ')
  return `(array[${list.map((word) => `'${word}'`).join(',')}])[1 + abs(hashint8(i * 31 + ${salt})) % ${list.length}]`
}
const company = pick(
  'Nordwind Larkspur Hollowoak Ostrava Juniper Bellweather Tamarack Quillon Marlow Severn',
  '1',
)
const purpose = pick('production staging sandbox migration reporting backfill', '2')
const region = pick('emea apac latam benelux nordics iberia dach', '3')
const tag = pick(
  'billing nightly warehouse import export finance sales support legacy pilot audit partner mirror hourly weekly quarterly onboarding renewal forecast archive',
  '4',
)
const name = `${company} || ' ' || ${purpose} || ' ' || ${region} || ' ' || i`
const description = `'Moves ' || ${tag} || ' records of ' || ${company} || ' for the ' || ${region} || ' team, set up in ' || (2019 + i % 7)`
const organization = `'orga_' || substr(md5('o' || i / 20), 1, 22)`
const email = `'ops' || i / 20 || '@' || lower(${company}) || '.example'`

const credentials = (size: number, owners: number, sealed: string) => `
  insert into credentials (id, connector, method, owner_id, name, name_key, description, tags, status, reason_code,
    status_at, identity, field_values, sealed, secret_version, access_token_expires_at, search_name,
    search_description, search_account, search_tags, created_at, updated_at, last_used_at, next_check_at, observed_at)
  select 'cred_' || substr(md5(i::text), 1, 22),
    case when i % 7 = 0 then 'postgres' else 'close' end,
    case when i % 7 = 0 then 'password' when i % 3 = 0 then 'oauth2' else 'api_key' end,
    case when ${owned} then '${member.id}' else 'usr_' || (i % ${owners}) end,
    ${name}, lower(${name}), ${description}, '["' || ${tag} || '"]',
    case when i % 50 = 3 then 'failed' when i % 20 = 7 then 'unverified' else 'verified' end,
    case when i % 50 = 3 then 'key_rejected' end, now_ms - i % 86400000,
    case when i % 7 > 0 then json_build_object('organizationId', ${organization}, 'organizationName', ${company},
      'userId', 'user_' || i / 20, 'userName', 'Integration', 'userEmail', ${email})::text end,
    case when i % 3 = 0 and i % 7 > 0 then '{"clientId":"oa2client_' || i / 500 || '"}' else '{}' end,
    '${sealed}', 1,
    case when i % 3 = 0 and i % 7 > 0 then now_ms + 3600000 + (i % 3600) * 1000 end,
    lower(${name}), lower(${description}),
    case when i % 7 > 0 then lower(${company} || ' ' || ${organization} || ' ' || ${email}) else '' end, ${tag},
    now_ms - i, now_ms - i, now_ms - (i * 7919) % 2592000000, now_ms + 86400000 + i, now_ms - i % 86400000
  from generate_series(1::bigint, ${size}) i, (select (extract(epoch from now()) * 1000)::bigint as now_ms) t`

/** Fills an empty database of this version with so many credentials, in seconds: triggers and indexes come after. */
export async function fill(url: string, size: number, sealed: string): Promise<void> {
  const owners = Math.max(10, Math.floor(size / 50))
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const run = (statement: string, values: readonly unknown[] = []) => client.query(statement, [...values])
  try {
    await run(`set session_replication_role = replica`)
    await run(`set maintenance_work_mem = '256MB'`)
    const { rows } = await client.query<{ name: string; definition: string }>(
      `select indexname as name, indexdef as definition from pg_indexes
        where schemaname = current_schema() and tablename = any ($1)
        and indexname not in (select conname from pg_constraint)`,
      [tables],
    )
    for (const index of rows) await run(`drop index ${index.name}`)
    await run(`insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
      select 'usr_' || i, 'Member ' || i, 'member' || i || '@mail.example', true, now(), now()
      from generate_series(0, ${owners - 1}) i
      union all select '${member.id}', 'Measured Member', 'measured@mail.example', true, now(), now()`)
    await run(
      `insert into api_tokens (id, user_id, name, hash, suffix, created_at) values ($1, $2, 'bench', $3, 'oken', 0)`,
      ['tok_bench', member.id, createHash('sha256').update(member.token).digest('hex')],
    )
    await run(credentials(size, owners, sealed))
    await run(`insert into resource_grants
      select 'cred_' || substr(md5(i::text), 1, 22), v, 'credential', 'collaborator', 'usr_0', 0
      from generate_series(1, ${size}) i, lateral (
        select 'usr_' || ((i * 17 + 5) % ${owners}) as v union select '*' where ${open}
        union select '${member.id}' where ${granted}) g`)
    await run(`insert into credential_viewers
      select c.id, v.viewer_id, c.name_key, c.status, c.connector, c.method, c.updated_at from credentials c join (
        select id, owner_id as viewer_id from credentials union select resource_id, member_id from resource_grants
      ) v on v.id = c.id`)
    await run(`insert into credential_texts (credential_id, text)
      select id, search_name || ' ' || search_description || ' ' || search_account || ' ' || search_tags from credentials`)
    await run(`insert into credential_words
      select word, name_key, id from credentials join credential_texts on credential_id = id,
        unnest(credential_words_of(text)) word`)
    await run('insert into credential_vocabulary select distinct word from credential_words')
    const end = (kind: string, every: number, credential: string) => `
      insert into sides (id, kind, connector, credential_id, owner_id, name, name_key, description, config, search_name,
        search_description, created_at, updated_at)
      select '${kind}_' || substr(md5(i::text), 1, 22), '${kind}', 'close', ${credential}, 'usr_0', 'End ' || i,
        'end ' || i, '', '{}', 'end ' || i, '', 0, 0 from generate_series(1, ${size}) i where i % ${every} = 0`
    await run(end('source', 3, `'cred_' || substr(md5(i::text), 1, 22)`))
    await run(end('destination', 6, 'null'))
    await run(`insert into flows (id, name, name_key, description, owner_id, source_id, destination_id, search_name,
        search_description, created_at, updated_at)
      select 'flow_' || substr(md5(i::text), 1, 22), 'Flow ' || i, 'flow ' || i, '', 'usr_0',
        'source_' || substr(md5(i::text), 1, 22), 'destination_' || substr(md5(i::text), 1, 22), 'flow ' || i, '', 0, 0
      from generate_series(1, ${size}) i where i % 6 = 0`)
    for (const index of rows) await run(index.definition)
    await run('vacuum analyze')
  } finally {
    await client.end()
  }
}
