import type { Random } from '../random.ts'

/** Name, state and postal code. */
type City = readonly [string, string, string]

/* Invented words only. Companies and people made of them exist nowhere. */
const COMPANY_FIRST = [
  'Amber',
  'Birch',
  'Cobalt',
  'Drift',
  'Ember',
  'Fathom',
  'Gale',
  'Harrow',
  'Indigo',
  'Juniper',
  'Kestrel',
  'Lumen',
  'Marrow',
  'Nimbus',
  'Ochre',
  'Pylon',
  'Quarry',
  'Russet',
  'Saffron',
  'Tundra',
  'Umber',
  'Velvet',
  'Wicker',
  'Xylo',
  'Yarrow',
  'Zephyr',
  'Anvil',
  'Basalt',
  'Cinder',
  'Dapple',
] as const
const COMPANY_SECOND = [
  'Field',
  'Forge',
  'Harbor',
  'Lantern',
  'Mill',
  'Orchard',
  'Peak',
  'Quay',
  'Ridge',
  'Spindle',
  'Thicket',
  'Vale',
  'Works',
  'Yard',
  'Loom',
  'Bridge',
  'Hollow',
  'Meadow',
  'Beacon',
  'Cove',
] as const
const COMPANY_KIND = [
  'Logistics',
  'Software',
  'Ceramics',
  'Dental',
  'Bakery',
  'Instruments',
  'Outfitters',
  'Energy',
  'Analytics',
  'Robotics',
  'Textiles',
  'Freight',
  'Optics',
  'Studios',
  'Foods',
  'Insurance',
] as const
const COMPANY_SUFFIX = ['', '', '', ' Inc.', ' LLC', ' Ltd', ' & Co.', ' Group', ' GmbH'] as const
const COMPANY_OTHER_SCRIPTS = [
  '株式会社青霧',
  '銀葉商事',
  'ООО «Тихий Берег»',
  'Завод Янтарная Луна',
  'Ελαιώνας Φεγγάρι ΑΕ',
  'شركة النخلة الزرقاء',
  'סדנת הצפון',
  '푸른달 무역',
  '云杉仪器有限公司',
  'नीलगिरि कुम्हार',
  'Œuvre & Frères',
  'Ängsblåst Möbler',
  'Žlutý Kůň s.r.o.',
  'Çınaraltı Kırtasiye',
  'บริษัท ดาวเงิน',
  'Tea ☕ "Quoted", Ltd',
] as const
const FIRST_NAMES = [
  'Aldis',
  'Brenna',
  'Corvin',
  'Delphia',
  'Eskil',
  'Fenna',
  'Garrick',
  'Hesper',
  'Ilmar',
  'Jorunn',
  'Kasimir',
  'Liora',
  'Merrin',
  'Nerys',
  'Osric',
  'Petra',
  'Quill',
  'Runa',
  'Soren',
  'Tamsin',
  'Ulric',
  'Vesna',
  'Wystan',
  'Xenia',
  'Yorick',
  'Zelda',
] as const
const LAST_NAMES = [
  'Ashgrove',
  'Brackwater',
  'Coldwell',
  'Dunmarrow',
  'Eldersby',
  'Farthing',
  'Greywick',
  'Holloway',
  'Inkpen',
  'Jessamy',
  'Kettleby',
  'Larkspur',
  'Mossgill',
  'Nettlefold',
  'Oakhurst',
  'Penhallow',
  'Quickfall',
  'Ravensby',
  'Stonebrook',
  'Thornbury',
  'Underhay',
  'Vantongeren',
  'Whitlock',
  'Yarborough',
] as const
const PEOPLE_OTHER_SCRIPTS = [
  '青木 霧子',
  '白石 月夫',
  'Таисия Ветрова',
  'Мирон Озёрный',
  'Φοίβη Αλκυόνη',
  'ليلى الشمالي',
  'נעה צפוני',
  '한달빛',
  '林云杉',
  'नीला पर्वत',
  'Zoë Brûlé',
  'Łucja Śnieżna',
  "Maeve O'Thistle",
  'Đorđe Šumić',
] as const
const TITLES = [
  'CEO',
  'Head of Sales',
  'Operations Manager',
  'Office Manager',
  'VP Engineering',
  'Founder',
  'Procurement Lead',
  'CFO',
  'Marketing Director',
  'IT Administrator',
] as const
const CITIES: readonly [City, ...City[]] = [
  ['Port Lantern', 'CA', '94999'],
  ['Graywater', 'NY', '10999'],
  ['Millbrook Hollow', 'TX', '75999'],
  ['Saltmarsh', 'WA', '98999'],
  ['Copper Bend', 'CO', '80999'],
  ['East Thistle', 'IL', '60999'],
]
const STREETS = [
  'Anchor Street',
  'Birchwood Lane',
  'Canal Row',
  'Dovetail Road',
  'Elm Terrace',
  'Foundry Way',
] as const
const SUBJECTS = [
  'Pricing for next quarter',
  'Notes from our call',
  'Your trial',
  'A question on delivery',
  'Renewal',
  'Introduction',
  'Updated proposal',
  'Thank you',
] as const
const SENTENCES = [
  'They asked for a quote for forty seats.',
  'Wants to see the reporting again before deciding.',
  'The budget is agreed from next month on.',
  'Call back after the holidays.',
  'Needs an answer about delivery times.',
  'Met at the trade fair; very interested in a pilot.',
  'The decision moved to their regional office.',
  'Happy with the trial, waits for the legal review.',
  'Asked twice for a discount — offered 5 %.',
  'Prefers e-mail to the telephone.',
] as const
const AREA_CODES = ['202', '212', '303', '312', '415', '503', '617', '713', '818', '904'] as const

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

/** A telephone number of the range kept for fiction. */
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
