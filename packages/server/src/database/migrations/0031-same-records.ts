/** What "everything" reads of streams with the same records is a choice; flows of before go on with both. */
export function sameRecords(): string[] {
  return [
    `update flows set streams = replace(streams, '"everything":true', '"everything":true,"sameRecords":"both"')
      where streams like '%"everything":true%'`,
  ]
}
