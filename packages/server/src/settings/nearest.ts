/** The candidate with the fewest changed, added or missing letters. */
export function nearest(word: string, candidates: readonly string[]): string {
  let best = { candidate: '', distance: Number.POSITIVE_INFINITY }
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate)
    if (distance < best.distance) best = { candidate, distance }
  }
  return best.candidate
}

/** The Levenshtein distance, computed row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
