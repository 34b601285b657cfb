/**
 * A number with what it counts: "1 record", "1,200 records".
 * @param many left out: with an s
 */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}
