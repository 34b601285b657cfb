/**
 * Who asks while a question is under way shares its answer: the streams of a run side by side, and for each page its reader
 * and its writer.
 */
export function together<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | null = null
  return () => {
    underWay ??= ask().finally(() => {
      underWay = null
    })
    return underWay
  }
}
