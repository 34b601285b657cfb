/*
 * Numbers keep their digits. JavaScript's numbers have about 16 of them, so what it would spell another way than it
 * came (12345678901234567890, 0.1000000000000000055, 1e400, -0, 1.50) is kept as it is spelled. What JavaScript spells
 * the same is an ordinary number.
 */

/** A number as JSON spells it. It is written into JSON and text as it came. */
export class ExactNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }

  /** Where the runtime has no raw JSON, as older browsers don't, the nearest number. */
  toJSON(): unknown {
    return rawJson === undefined ? Number(this.text) : rawJson(this.text)
  }
}

type RawJson = (text: string) => unknown
/** Newer than the types. @see https://tc39.es/proposal-json-parse-with-source/ */
const rawJson = Reflect.get(JSON, 'rawJSON') as RawJson | undefined

/** Fits any number in JSON that is spelled another way than JavaScript would, and some texts. */
const respelled =
  /(?:^|[:,[\s])-?(?:0(?=[\s,}\]]|$)|\d+(?:\.\d+)?[eE]|\d*\.\d*0(?=[\s,}\]]|$)|[\d.]{16}|0\.0{6})/

/**
 * Parses JSON without losing digits of its numbers, however nested.
 * @param plain what `JSON.parse` made of the same text, where that was done already
 * @throws SyntaxError as `JSON.parse`
 */
export function parseExactly(text: string, plain: unknown = JSON.parse(text)): unknown {
  return respelled.test(text) ? JSON.parse(text, revive) : plain
}

function revive(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  return typeof value === 'number' && source !== undefined ? exactNumber(source) : value
}

/** @param text a number as JSON spells it */
export function exactNumber(text: string): number | ExactNumber {
  const number = Number(text)
  return String(number) === text ? number : new ExactNumber(text)
}

export function isNumeric(value: unknown): value is number | ExactNumber {
  return typeof value === 'number' || value instanceof ExactNumber
}
