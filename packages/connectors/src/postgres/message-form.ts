/**
 * Whether a message of a server has the form that its letter promises. The client reads what it is sent without looking:
 * text without its zero at the end would keep it reading for ever, and a count without what it counts would end the
 * process.
 * @param body what follows the letter and the length
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function isWellFormed(letter: string, body: Buffer): boolean {
  const form = forms[letter]
  return form === undefined || form(new Cursor(body))
}

type Form = (cursor: Cursor) => boolean

const times = (count: number, step: () => boolean): boolean => {
  for (let done = 0; done < count; done += 1) if (!step()) return false
  return count >= 0
}

/** Codes of the ways to sign in that the client knows, and what must follow them. */
const authentications: Readonly<Record<number, Form>> = {
  0: () => true,
  3: () => true,
  5: (cursor) => cursor.skip(4),
  10: (cursor) => {
    while (!cursor.isAt(0)) if (!cursor.text()) return false
    return cursor.text()
  },
  11: () => true,
  12: () => true,
}

const fieldsOfError: Form = (cursor) => {
  while (!cursor.isAt(0)) if (!(cursor.skip(1) && cursor.text())) return false
  return cursor.skip(1)
}
const copying: Form = (cursor) => cursor.skip(1) && cursor.skip(2 * cursor.int16())

const forms: Readonly<Record<string, Form>> = {
  A: (cursor) => cursor.skip(4) && cursor.text() && cursor.text(),
  C: (cursor) => cursor.text(),
  D: (cursor) => times(cursor.int16(), () => cursor.value()),
  E: fieldsOfError,
  G: copying,
  H: copying,
  K: (cursor) => cursor.skip(8),
  N: fieldsOfError,
  R: (cursor) => authentications[cursor.int32()]?.(cursor) ?? false,
  S: (cursor) => cursor.text() && cursor.text(),
  T: (cursor) => times(cursor.int16(), () => cursor.text() && cursor.skip(18)),
  Z: (cursor) => cursor.skip(1),
  t: (cursor) => cursor.skip(4 * cursor.int16()),
}

/** Moves over the parts of a body; false where one is not there. */
class Cursor {
  readonly #body: Buffer
  #at = 0

  constructor(body: Buffer) {
    this.#body = body
  }

  skip(bytes: number): boolean {
    this.#at += bytes
    return bytes >= 0 && this.#at <= this.#body.length
  }

  /** Text that ends in a zero. */
  text(): boolean {
    const end = this.#body.indexOf(0, this.#at)
    if (end === -1) return false
    this.#at = end + 1
    return true
  }

  /** A value with its length before it; -1 is null. */
  value(): boolean {
    const length = this.int32()
    return length === -1 || this.skip(length)
  }

  isAt(byte: number): boolean {
    return this.#body[this.#at] === byte
  }

  /** -2 where there is none, which is no count and no length. */
  int16(): number {
    return this.skip(2) ? this.#body.readInt16BE(this.#at - 2) : -2
  }

  int32(): number {
    return this.skip(4) ? this.#body.readInt32BE(this.#at - 4) : -2
  }
}
