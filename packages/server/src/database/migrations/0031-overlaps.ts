/** What "everything" reads of streams with the same records is a choice; flows of before go on with both. */
export function overlaps(): string[] {
  return [
    `update flows set streams = replace(streams, '"everything":true', '"everything":true,"overlaps":"both"')
      where streams like '%"everything":true%'`,
  ]
}
