import type { Random } from '../random.ts'
import {
  AREA_CODES,
  CITIES,
  COMPANY_FIRST,
  COMPANY_KIND,
  COMPANY_OTHER_SCRIPTS,
  COMPANY_SECOND,
  COMPANY_SUFFIX,
  FIRST_NAMES,
  LAST_NAMES,
  PEOPLE_OTHER_SCRIPTS,
  SENTENCES,
  STREETS,
  SUBJECTS,
  TITLES,
} from './name-words.ts'

/** An invented company; about one in eight is written in another script or with odd characters. */
export function companyName(random: Random): string {
  if (random.chance(0.12)) return random.pick(COMPANY_OTHER_SCRIPTS)
  const start = `${random.pick(COMPANY_FIRST)} ${random.pick(COMPANY_SECOND)}`
  return `${start} ${random.pick(COMPANY_KIND)}${random.pick(COMPANY_SUFFIX)}`
}

/** An invented person; about one in ten is written in another script. */
export function personName(random: Random): string {
  if (random.chance(0.1)) return random.pick(PEOPLE_OTHER_SCRIPTS)
  return `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`
}

export function jobTitle(random: Random): string {
  return random.pick(TITLES)
}

export function subjectLine(random: Random): string {
  return random.pick(SUBJECTS)
}

/** One to three sentences. */
export function remark(random: Random): string {
  return Array.from({ length: random.whole(1, 3) }, () => random.pick(SENTENCES)).join(' ')
}

/** A telephone number of the range that is reserved for fiction. */
export function phoneNumber(random: Random): string {
  return `+1${random.pick(AREA_CODES)}55501${String(random.whole(0, 99)).padStart(2, '0')}`
}

export interface InventedAddress {
  readonly street: string
  readonly city: string
  readonly state: string
  readonly zipcode: string
}

export function address(random: Random): InventedAddress {
  const [city, state, zipcode] = random.pick(CITIES)
  return { street: `${random.whole(1, 400)} ${random.pick(STREETS)}`, city, state, zipcode }
}

/** Letters and digits for a domain or mailbox; `fallback` when the name has none in Latin script. */
export function asciiName(name: string, fallback: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return plain.length >= 3 ? plain : fallback
}
