/** How many there are in a list, e.g. `1 credential`, `1,000+ credentials`. */
export function totalWords(
  { total, totalCapped = false }: { readonly total: number; readonly totalCapped?: boolean | undefined },
  one: string,
): string {
  return `${total.toLocaleString('en')}${totalCapped ? '+' : ''} ${total === 1 ? one : `${one}s`}`
}
