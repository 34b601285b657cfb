import { timestamp } from '../clock.ts'
import { phoneNumber } from '../data/names.ts'
import { formatPhone } from '../data/phones.ts'
import { NEWER_LENGTH } from '../record-ids.ts'
import { classic, newerWrites, SMALL_PAGES } from './collection-bases.ts'
import type { SampledResource } from './collection-samples.ts'
import { filledText } from './validate.ts'

/** Numbers, blocked numbers and dialer sessions. */
export const PHONE_RESOURCES: readonly SampledResource[] = [
  {
    ...classic,
    path: '/phone_number/',
    collection: 'phone_number',
    idPrefix: 'phon',
    eventType: 'phone_number',
    audit: 'dates',
    paging: SMALL_PAGES,
    order: 'latest',
    filters: ['number', 'user_id', 'is_group_number'],
    seeded: 3,
    sample: ({ random, number, user, organization }) => {
      const dialed = number === 0 ? '+12025550100' : phoneNumber(random)
      const members = organization.accounts.usersOf(organization.id).map(({ id }) => id)
      const isGroup = number % 2 === 0
      return {
        address_id: null,
        bundle_id: null,
        carrier: random.pick(['twilio', 'plivo']),
        carrier_type: random.pick(['local', 'national', 'mobile', 'tollfree']),
        country: 'US',
        forward_to: null,
        forward_to_enabled: false,
        forward_to_formatted: null,
        is_group_number: isGroup,
        is_premium: false,
        is_verified: true,
        label: isGroup ? 'Main line' : '',
        last_billed_price: number === 0 ? null : 1.15,
        mms_enabled: true,
        next_billing_on: number === 0 ? null : '2026-07-01',
        number: dialed,
        number_formatted: formatPhone(dialed),
        participants: isGroup ? members : [],
        phone_numbers: [],
        phone_numbers_formatted: [],
        press_1_to_accept: false,
        sms_enabled: true,
        supports_mms_to_countries: ['US', 'CA'],
        supports_sms_to_countries: ['US', 'CA', 'PR'],
        type: 'internal',
        user_id: isGroup ? null : user.id,
        voicemail_greeting_url: null,
        was_ported: false,
      }
    },
    writes: null,
  },
  {
    ...classic,
    path: '/blocked_phone_number/',
    collection: 'blocked_phone_number',
    idPrefix: 'blocked',
    idLength: NEWER_LENGTH,
    eventType: null,
    paging: SMALL_PAGES,
    order: 'latest',
    seeded: 2,
    sample: ({ random, number }) => ({
      phone: phoneNumber(random),
      reason: ['Calls at night', 'Sells the same every week'][number] ?? 'Not a customer',
    }),
    writes: {
      ...newerWrites,
      permission: 'manage_organization',
      rules: { phone: filledText, reason: filledText },
      required: ['phone', 'reason'],
    },
  },
  {
    ...classic,
    path: '/dialer/',
    collection: 'dialer',
    idPrefix: 'dial',
    idLength: NEWER_LENGTH,
    eventType: null,
    paging: SMALL_PAGES,
    selectsFields: false,
    order: 'latest',
    filters: ['organization_id', 'source_type', 'source_value', 'status', 'status__in', 'user_id'],
    seeded: 2,
    sample: ({ anyId, user, number, updatedMs }) => ({
      source_type: number % 2 === 0 ? 'saved-search' : 'shared-entry',
      source_value: number % 2 === 0 ? anyId('saved_search') : `entry ${number}`,
      status: number % 2 === 0 ? 'completed' : 'inactive',
      type: 'power',
      user_id: user.id,
      date_last_active: timestamp(updatedMs),
    }),
    writes: null,
  },
]
