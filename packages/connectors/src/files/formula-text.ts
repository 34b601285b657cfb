import { plainNumber } from '@latchwork/contract'

/*
 * A spreadsheet takes text that begins with one of these signs for a formula, also one of another width. An apostrophe
 * before it prevents that, and stands in the file. So that a reader can take it away again, text that begins with
 * apostrophes and then such a sign gets one more.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const sign = /^'*[=+\-@\t\r＝＋－＠]/
/** Nothing in these can be a formula that does more than count. */
const phone = /^\+[\d ()/.-]*\d$/
const signedNumber = /^[+-][\d.,]+$|^-+$/

/** Text as a spreadsheet may read it. */
export function escapeFormula(text: string): string {
  return sign.test(text) && !isHarmless(text) ? `'${text}` : text
}

/** The text that was escaped. */
export function unescapeFormula(text: string): string {
  return isEscaped(text) ? text.slice(1) : text
}

export function isEscaped(text: string): boolean {
  return text.startsWith("'") && sign.test(text)
}

/** Whether a spreadsheet would take the text for a formula: a file with such text was not escaped. */
export function isFormula(text: string): boolean {
  return !text.startsWith("'") && sign.test(text) && !isHarmless(text)
}

function isHarmless(text: string): boolean {
  return phone.test(text) || signedNumber.test(text) || plainNumber(text) !== null
}
