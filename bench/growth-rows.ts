import { createHash } from 'node:crypto'
import type { OpenStores } from '@latchwork/server'

/** The member whose lists are measured, and an API token of theirs. */
export const member = { id: 'usr_bench_member', token: 'lw_bench_member_token' }

/*
 * Rows as an organization would have them, each made from its number: names of several words, an account, a
 * description, tags, statuses, two connectors, one owner for fifty credentials, a grant for another member. The
 * measured member sees the same rows at every size: 40 of their own, 200 by a grant, and 500 that are shared with
 * everyone.
 */
const isOwned = (i: number) => i <= 40
const isGranted = (i: number) => i > 40 && i <= 240
const isOpen = (i: number) => i > 240 && i <= 740

const companies =
  'Nordwind Larkspur Hollowoak Ostrava Juniper Bellweather Tamarack Quillon Marlow Severn'.split(' ')
const purposes = 'production staging sandbox migration reporting backfill'.split(' ')
const regions = 'emea apac latam benelux nordics iberia dach'.split(' ')
const tags =
  'billing nightly warehouse import export finance sales support legacy pilot audit partner mirror hourly weekly quarterly onboarding renewal forecast archive'.split(
    ' ',
  )

const digest = (text: string) => createHash('md5').update(text).digest('hex').slice(0, 22)
/** One of the words, determined by the number. */
const pick = (words: readonly string[], i: number, salt: string) =>
  words[Number.parseInt(digest(`${salt}${i}`).slice(0, 8), 16) % words.length] ?? ''
const credentialId = (i: number) => `cred_${digest(`c${i}`)}`

const ownerId = (i: number) => `usr_${i}`
const day = 86_400_000
/** Rows of one statement; SQLite takes 32,766 values in one. */
const atOnce = 500

/** As long as a real value with three secrets. */
const sealed = JSON.stringify({
  wrappedKey: `lw1.${'k'.repeat(100)}`,
  fields: Object.fromEntries(
    ['apiKey', 'accessToken', 'refreshToken'].map((field) => [field, `lw1.${'s'.repeat(90)}`]),
  ),
})

function credentialRow(i: number, owners: number, now: number) {
  const company = pick(companies, i, 'company')
  const tag = pick(tags, i, 'tag')
  const region = pick(regions, i, 'region')
  const name = `${company} ${pick(purposes, i, 'purpose')} ${region} ${i}`
  const description = `Moves ${tag} records of ${company} for the ${region} team, set up in ${2019 + (i % 7)}`
  const isClose = i % 7 > 0
  const isOauth = isClose && i % 3 === 0
  const hasFailed = i % 50 === 3
  const organizationId = `orga_${digest(`o${Math.floor(i / 20)}`)}`
  const userEmail = `ops${Math.floor(i / 20)}@${company.toLowerCase()}.example`
  const userId = `user_${Math.floor(i / 20)}`
  const identity = { organizationId, organizationName: company, userId, userName: 'Integration', userEmail }
  const statusAt = now - (i % day)
  return {
    id: credentialId(i),
    connector: isClose ? 'close' : 'postgres',
    method: isOauth ? 'oauth2' : isClose ? 'api_key' : 'password',
    ownerId: isOwned(i) ? member.id : ownerId(i % owners),
    name,
    sortName: name.toLowerCase(),
    description,
    tags: JSON.stringify([tag]),
    status: hasFailed ? 'failed' : i % 20 === 7 ? 'unverified' : 'verified',
    reasonCode: hasFailed ? 'api_key_rejected' : null,
    reasonMessage: null,
    statusAt,
    identity: isClose ? JSON.stringify(identity) : null,
    fieldValues: JSON.stringify(isOauth ? { clientId: `oa2client_${Math.floor(i / 500)}` } : {}),
    sealed,
    secretVersion: 1,
    grantedScope: null,
    accessTokenExpiresAt: isOauth ? now + 3_600_000 + (i % 3600) * 1000 : null,
    draftExpiresAt: null,
    searchName: name.toLowerCase(),
    searchDescription: description.toLowerCase(),
    searchAccount: isClose ? `${company} ${organizationId} Integration ${userEmail}`.toLowerCase() : '',
    searchTags: tag,
    createdAt: now - i,
    updatedAt: now - i,
    lastUsedAt: now - ((i * 7919) % (30 * day)),
    nextCheckAt: now + day + i,
    observedAt: statusAt,
  }
}

function grantsOf(i: number, owners: number) {
  const subjects = [
    { subjectKind: 'member', subjectId: ownerId((i * 17 + 5) % owners) },
    ...(isOpen(i) ? [{ subjectKind: 'everyone', subjectId: '*' }] : []),
    ...(isGranted(i) ? [{ subjectKind: 'member', subjectId: member.id }] : []),
  ]
  const grant = { resourceId: credentialId(i), resourceKind: 'credential', role: 'collaborator' }
  return subjects.map((subject) => ({ ...grant, ...subject, grantedBy: ownerId(0), grantedAt: 0 }))
}

/** A source reads every third credential, and a flow every second of these. */
function sideRow(kind: 'source' | 'destination', i: number) {
  const name = `Side ${i}`
  return {
    id: `${kind}_${digest(`c${i}`)}`,
    kind,
    connector: 'close',
    credentialId: kind === 'source' ? credentialId(i) : null,
    ownerId: ownerId(0),
    name,
    sortName: name.toLowerCase(),
    description: '',
    config: '{}',
    searchName: name.toLowerCase(),
    searchDescription: '',
    createdAt: 0,
    updatedAt: 0,
  }
}

function flowRow(i: number) {
  const name = `Flow ${i}`
  return {
    id: `flow_${digest(`c${i}`)}`,
    name,
    sortName: name.toLowerCase(),
    naturalName: name.toLowerCase(),
    description: '',
    ownerId: ownerId(0),
    sourceId: `source_${digest(`c${i}`)}`,
    destinationId: `destination_${digest(`c${i}`)}`,
    schedule: null,
    nextRunAt: null,
    searchName: name.toLowerCase(),
    searchDescription: '',
    createdAt: 0,
    updatedAt: 0,
  }
}

/** Fills an empty database with `size` credentials and their related rows. */
export async function fill({ database, kind, tokens }: OpenStores, size: number): Promise<void> {
  const owners = Math.max(10, Math.floor(size / 50))
  const now = Date.now()
  const at = new Date(now).toISOString()
  const person = (id: string) => ({
    id,
    name: id,
    email: `${id}@mail.example`,
    emailVerified: kind === 'sqlite' ? 1 : true,
    image: null,
    createdAt: at,
    updatedAt: at,
    role: 'member',
  })
  const numbers = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
  for (let from = 0; from < owners; from += atOnce)
    await database.auth
      .insertInto('user')
      .values(numbers(from, Math.min(owners, from + atOnce)).map((i) => person(ownerId(i))))
      .execute()
  await database.auth.insertInto('user').values(person(member.id)).execute()
  const hash = createHash('sha256').update(member.token).digest('hex')
  await tokens.insert({
    id: 'tok_bench',
    userId: member.id,
    name: 'bench',
    hash,
    suffix: 'oken',
    expiresAt: null,
  })
  for (let from = 1; from <= size; from += atOnce) {
    const some = numbers(from, Math.min(size + 1, from + atOnce))
    await database.tables.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('credentials')
        .values(some.map((i) => credentialRow(i, owners, now)))
        .execute()
      await transaction
        .insertInto('resourceGrants')
        .values(some.flatMap((i) => grantsOf(i, owners)))
        .execute()
      const read = some.filter((i) => i % 3 === 0)
      const flowing = some.filter((i) => i % 6 === 0)
      await transaction
        .insertInto('sides')
        .values([...read.map((i) => sideRow('source', i)), ...flowing.map((i) => sideRow('destination', i))])
        .execute()
      await transaction.insertInto('flows').values(flowing.map(flowRow)).execute()
    })
  }
}
