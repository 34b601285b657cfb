const CONTROL_CHARACTERS = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu

/**
 * Makes a string from outside safe for an error message: control and invisible formatting characters become a space,
 * the listed secrets are blanked, and the result is cut to `maxLength` characters.
 *
 * Secrets are blanked before cutting, so that half of one cannot survive at the end.
 */
export function plainText(text: string, maxLength: number, secrets: readonly string[] = []): string {
  const blanked = secrets
    .filter((secret) => secret.length > 0)
    .reduce((message, secret) => message.replaceAll(secret, '[redacted]'), text)
  const clean = blanked
    .slice(0, maxLength * 8)
    .replace(CONTROL_CHARACTERS, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .toWellFormed()
  const characters = Array.from(clean)
  return characters.length <= maxLength ? clean : `${characters.slice(0, maxLength - 1).join('')}…`
}
