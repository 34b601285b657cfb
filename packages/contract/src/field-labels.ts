/* Custom fields in what people read: Close names them by ids, and people by labels. */

/** What a field is called, by the name that it has in Close's API. */
export type FieldLabels = ReadonlyMap<string, string>

export interface LabelledPart {
  readonly text: string
  /** Of the field whose label the text is; null: it is no label. */
  readonly field: string | null
}

const customField = /\bcustom\.cf_\w+/g

/** Whether a text names a custom field by its id. */
export function namesCustomFields(text: string): boolean {
  return text.search(customField) !== -1
}

/** A text with labels in place of the ids of custom fields, in parts. An id without a label stays. */
export function labelledParts(text: string, labels: FieldLabels): LabelledPart[] {
  const parts: LabelledPart[] = []
  let done = 0
  for (const { 0: field, index } of text.matchAll(customField)) {
    const label = labels.get(field)
    if (label === undefined) continue
    if (index > done) parts.push({ text: text.slice(done, index), field: null })
    parts.push({ text: label, field })
    done = index + field.length
  }
  if (done < text.length) parts.push({ text: text.slice(done), field: null })
  return parts
}
