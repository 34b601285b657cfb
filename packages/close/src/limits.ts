/** Limits of an answer. */
export type AnswerLimits = {
  /** Of the body, after decompression. A page of emails is large. */
  answerBytes: number
  /** Levels of nested lists and objects. */
  depth: number
  /** Values, lists and objects in one answer: many small ones need far more memory than their text. */
  values: number
}

export const defaultAnswerLimits: Readonly<AnswerLimits> = {
  answerBytes: 32 * 1024 * 1024,
  depth: 100,
  values: 2_000_000,
}

/** Bytes of a refusal's body. A longer body is ignored. */
export const refusalBytes: number = 256 * 1024

/** Records in one answer; the longest page that can be asked for has 200, but some lists are whole. */
export const rowsPerAnswer = 10_000
/** The most records that are read of a list. */
export const recordsPerList = 100_000
/** Characters of an id. Close's have about 50. */
export const idLength = 255
/** Characters of a cursor. */
export const cursorLength = 8_192
