import { dateOnly, timestamp } from '../clock.ts'
import { type JsonObject, textOf } from '../json.ts'
import { Random } from '../random.ts'
import { address, asciiName, companyName, jobTitle, personName, phoneNumber, remark } from './names.ts'
import { formatPhone, phoneEntry } from './phones.ts'
import { anyUser, customValues, newerId, type SampleSource, siblingRow } from './sample-source.ts'

/** The name of a seeded lead. */
export function sampleLeadName(source: SampleSource, lead: number): string {
  return companyName(new Random(source.seed, 'lead name', lead))
}

export function sampleLead(source: SampleSource, row: number): JsonObject {
  const random = new Random(source.seed, 'lead', row)
  const name = sampleLeadName(source, row)
  const domain = `${asciiName(name, `lead-${row}`)}.example`
  const createdMs = source.skeleton.leads.created[row] ?? 0
  const place = address(random)
  const status = random.pickAny(source.leadStatuses)
  return {
    id: `lead_${source.ids.lead.suffixOf(row)}`,
    organization_id: source.organizationId,
    name,
    description: random.chance(0.5) ? remark(random) : '',
    url: random.chance(0.7) ? `https://www.${domain}/` : null,
    status_id: status ? textOf(status, 'id') : null,
    addresses: random.chance(0.6)
      ? [
          {
            label: 'business',
            address_1: place.street,
            address_2: '',
            city: place.city,
            state: place.state,
            zipcode: place.zipcode,
            country: 'US',
          },
        ]
      : [],
    ...customValues(source, { objectType: 'lead', lead: row }, random, row === 0, createdMs),
    created_by: anyUser(source, random),
    updated_by: anyUser(source, random),
    date_created: timestamp(createdMs),
    date_updated: timestamp(source.skeleton.leads.updated[row] ?? 0),
  }
}

export function sampleContact(source: SampleSource, row: number): JsonObject {
  const random = new Random(source.seed, 'contact', row)
  const rows = source.skeleton.contacts
  const lead = rows.owner[row] ?? 0
  const name = personName(random)
  const mailbox = asciiName(name, `contact-${row}`).replaceAll('-', '.')
  const domain = `${asciiName(sampleLeadName(source, lead), `lead-${lead}`)}.example`
  return {
    id: `cont_${source.ids.contact.suffixOf(row)}`,
    organization_id: source.organizationId,
    lead_id: `lead_${source.ids.lead.suffixOf(lead)}`,
    name,
    title: jobTitle(random),
    emails:
      random.chance(0.85) || row === 0
        ? [{ email: `${mailbox}@${domain}`, type: 'office', is_unsubscribed: false }]
        : [],
    phones:
      random.chance(0.6) || row === 0
        ? [phoneEntry(phoneNumber(random), random.pick(['office', 'mobile']))]
        : [],
    urls: random.chance(0.2) ? [{ url: `https://people.example/${mailbox}`, type: 'url' }] : [],
    ...customValues(source, { objectType: 'contact', lead }, random, row === 0, rows.created[row] ?? 0),
    created_by: anyUser(source, random),
    updated_by: anyUser(source, random),
    date_created: timestamp(rows.created[row] ?? 0),
    date_updated: timestamp(rows.updated[row] ?? 0),
  }
}

export function sampleOpportunity(source: SampleSource, row: number): JsonObject {
  const random = new Random(source.seed, 'opportunity', row)
  const rows = source.skeleton.opportunities
  const lead = rows.owner[row] ?? 0
  const contact = siblingRow(source.skeleton.contacts, lead, random)
  const status = random.pickAny(source.opportunityStatuses) ?? {}
  const updatedMs = rows.updated[row] ?? 0
  const note = remark(random)
  return {
    id: `oppo_${source.ids.opportunity.suffixOf(row)}`,
    organization_id: source.organizationId,
    lead_id: `lead_${source.ids.lead.suffixOf(lead)}`,
    contact_id:
      contact === null || random.chance(0.4) ? null : `cont_${source.ids.contact.suffixOf(contact)}`,
    user_id: anyUser(source, random),
    status_id: textOf(status, 'id'),
    value: random.whole(1, 400) * 2_500,
    value_currency: 'USD',
    value_period: random.pick(['one_time', 'monthly', 'annual']),
    confidence: random.whole(0, 20) * 5,
    note,
    note_html: `<body><p>${note}</p></body>`,
    attachments: [],
    date_won: status['type'] === 'won' ? dateOnly(updatedMs) : null,
    date_lost: status['type'] === 'lost' ? dateOnly(updatedMs) : null,
    ...customValues(source, { objectType: 'opportunity', lead }, random, row === 0, rows.created[row] ?? 0),
    created_by: anyUser(source, random),
    updated_by: anyUser(source, random),
    date_created: timestamp(rows.created[row] ?? 0),
    date_updated: timestamp(updatedMs),
  }
}

export function sampleTask(source: SampleSource, row: number): JsonObject {
  const random = new Random(source.seed, 'task', row)
  const rows = source.skeleton.tasks
  const lead = rows.owner[row] ?? 0
  const contact = siblingRow(source.skeleton.contacts, lead, random)
  const createdMs = rows.created[row] ?? 0
  const kind = rows.kinds[row] ?? 'lead'
  const contact_id = contact === null ? null : `cont_${source.ids.contact.suffixOf(contact)}`
  const base: JsonObject = {
    _type: kind,
    id: `${kind === 'lead' ? 'task' : 'noti'}_${source.ids.task.suffixOf(row)}`,
    organization_id: source.organizationId,
    lead_id: `lead_${source.ids.lead.suffixOf(lead)}`,
    assigned_to: anyUser(source, random),
    is_complete: random.chance(0.4),
    object_id: null,
    object_type: null,
    date_created: timestamp(createdMs),
    date_updated: timestamp(rows.updated[row] ?? 0),
  }
  if (kind === 'missed_call') {
    const phone = phoneNumber(random)
    return {
      ...base,
      contact_id,
      created_by: null,
      updated_by: null,
      date: timestamp(createdMs),
      object_id: `acti_${source.ids.activity.suffixOf(source.skeleton.activities.first[lead] ?? 0)}`,
      object_type: 'call',
      local_phone: phoneNumber(random),
      phone,
      phone_formatted: formatPhone(phone),
      phone_number_description: 'Main line',
    }
  }
  if (kind === 'outgoing_call') {
    return {
      ...base,
      contact_id,
      agent_config_id: null,
      created_by: null,
      updated_by: null,
      date: `${dateOnly(createdMs + random.whole(1, 20) * 86_400_000)}T00:00:00+00:00`,
      deduplication_key: null,
      is_primary_lead_notification: true,
      resolution: null,
      sequence_id: newerId('seq', source, 0),
      sequence_subscription_id: newerId('sub', source, lead),
      step_id: newerId('step', source, 'call'),
      text: 'Qualify this lead',
    }
  }
  return {
    ...base,
    contact_id: null,
    created_by: anyUser(source, random),
    updated_by: anyUser(source, random),
    date: `${dateOnly(createdMs + random.whole(1, 60) * 86_400_000)}T00:00:00+00:00`,
    is_dateless: false,
    text: random.pick(['Call back', 'Send the proposal', 'Check the contract', 'Ask for the delivery date']),
  }
}
