import type { JsonObject } from '../json.ts'

/** `8004445555` becomes `+18004445555`; a number that starts with `+` keeps its digits. */
export function normalizePhone(text: string): string {
  const digits = text.replace(/\D/g, '')
  if (text.trim().startsWith('+')) return `+${digits}`
  return digits.length === 10 ? `+1${digits}` : `+${digits}`
}

/** `+18004445555` is shown as `+1 800-444-5555`. */
export function formatPhone(phone: string): string {
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(phone)
  return match ? `+1 ${match[1]}-${match[2]}-${match[3]}` : phone
}

/** A contact's telephone number as Close returns it. */
export function phoneEntry(text: string, type: string): JsonObject {
  const phone = normalizePhone(text)
  return {
    phone,
    phone_formatted: formatPhone(phone),
    type,
    country: phone.startsWith('+1') ? 'US' : null,
  }
}
