import { labelledParts, namesCustomFields, type PassObjectName } from '@latchwork/contract'
import { useQueries } from '@tanstack/react-query'
import classes from './passes.module.css'
import { fieldsQuery } from './queries.ts'

/** Where the labels of custom fields are found: the account of a credential, and the objects that have them. */
export interface FieldPlace {
  /** Null: nobody may ask. */
  credentialId: string | null
  objects: readonly PassObjectName[]
}

/** A text about fields, with the labels of custom fields in place of their ids. Close is asked only where there are some. */
export function FieldNames({ text, credentialId, objects }: FieldPlace & { text: string }) {
  const asked = namesCustomFields(text) && credentialId !== null ? objects : []
  const labels = useQueries({
    queries: asked.map((object) => fieldsQuery(credentialId, object)),
    combine: (found) =>
      new Map(found.flatMap(({ data }) => data ?? []).map(({ name, label }) => [name, label])),
  })
  return labelledParts(text, labels).map(({ text: part, field }, index) =>
    field === null ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text hold no state
      <abbr key={index} title={field} className={classes['label'] ?? ''}>
        <bdi>{part}</bdi>
      </abbr>
    ),
  )
}
