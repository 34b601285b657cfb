import {
  type Client,
  labelledParts,
  namesCustomFields,
  type Pass,
  passObjectNames,
} from '@latchwork/contract'

/** What a pass may do, with the labels of custom fields. Where they can't be asked for, their ids stay. */
export async function withFieldLabels(client: Client, { may, rules, credential }: Pass): Promise<string> {
  if (!namesCustomFields(may)) return may
  const objects = passObjectNames.filter((name) => rules.fields?.[name] !== undefined)
  const found = await Promise.all(
    objects.map((object) => client.passes.fields({ query: { credential: credential.id, object } })),
  ).catch(() => [])
  const labels = new Map(found.flatMap(({ items }) => items).map(({ name, label }) => [name, label]))
  return labelledParts(may, labels)
    .map(({ text, field }) => (field === null ? text : `${text} (${field})`))
    .join('')
}
