import { type Column, type MappingPair, readMapping } from '@latchwork/contract'

/** Reads a `mapping` field's value. A value that isn't a list of pairs is an empty mapping. */
export function parseMapping(text: string | undefined): readonly MappingPair[] {
  return readMapping(text ?? '') ?? []
}

export function formatMapping(pairs: readonly MappingPair[]): string {
  return JSON.stringify(pairs)
}

/** Names that differ in spelling only: case, spaces, underscores, accents. */
function wordsOf(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '')
}

const phone = ['phone', 'phonenumber', 'telephone', 'tel', 'mobile', 'mobilephone', 'cell', 'workphone']
const email = ['email', 'emailaddress', 'mail', 'workemail', 'contactemail']
const website = ['website', 'url', 'homepage', 'web', 'site', 'domain', 'webaddress']
const notes = ['notes', 'note', 'comments', 'comment', 'about', 'remarks']

/** What lists of other systems call the fields of a CRM, the likeliest first. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  name: [
    ...[
      'company',
      'companyname',
      'organization',
      'organisation',
      'organizationname',
      'account',
      'accountname',
    ],
    ...['leadname', 'lead', 'business', 'businessname', 'firm', 'customer', 'client'],
    ...['fullname', 'contactname', 'contact', 'person', 'displayname'],
  ],
  url: website,
  urls: website,
  emails: email,
  phones: phone,
  title: ['jobtitle', 'position', 'role', 'job'],
  description: ['description', ...notes],
  note: notes,
  status: ['leadstatus', 'stage', 'state', 'statuslabel'],
  status_id: ['leadstatusid', 'stageid'],
  addresses: ['address', 'street', 'location'],
  value: ['amount', 'dealvalue', 'price', 'revenue'],
  confidence: ['probability'],
  date_won: ['closedate', 'wonon', 'closedwondate'],
  lead_id: ['leadid', 'closeleadid', 'companyid'],
  contact_id: ['contactid'],
  user_id: ['userid', 'ownerid'],
}

/** Pairs every target with the column of the same name or label, or of one that means it; each at most once. */
export function suggestMapping(columns: readonly Column[], targets: readonly Column[]): MappingPair[] {
  const pairs: MappingPair[] = []
  const used = new Set<string>()
  const rounds: ((column: Column, target: Column) => boolean)[] = [
    (column, target) => column.name === target.name,
    (column, target) => wordsOf(column.name) === wordsOf(target.name),
    (column, target) => wordsOf(column.label) === wordsOf(target.label),
    (column, target) =>
      wordsOf(column.name) === wordsOf(target.label) || wordsOf(column.label) === wordsOf(target.name),
  ]
  for (const matches of rounds) {
    for (const target of targets) {
      if (pairs.some((pair) => pair.to === target.name)) continue
      const column = columns.find((candidate) => !used.has(candidate.name) && matches(candidate, target))
      if (column === undefined) continue
      used.add(column.name)
      pairs.push({ from: column.name, to: target.name })
    }
  }
  for (const target of targets) {
    if (pairs.some((pair) => pair.to === target.name)) continue
    for (const synonym of synonyms[target.name] ?? []) {
      const column = columns.find(
        ({ name, label }) => !used.has(name) && (wordsOf(name) === synonym || wordsOf(label) === synonym),
      )
      if (column === undefined) continue
      used.add(column.name)
      pairs.push({ from: column.name, to: target.name })
      break
    }
  }
  return targets.flatMap((target) => pairs.filter((pair) => pair.to === target.name))
}
