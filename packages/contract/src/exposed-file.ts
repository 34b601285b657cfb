/**
 * Why a file with a secret must not be read, as the end of a sentence that begins with its name; null if only its owner has access.
 * @param mode its permissions, as the file system has them
 */
export function exposureOf(mode: number): string | null {
  if ((mode & 0o077) === 0) return null
  return `can be read by others (mode ${(mode & 0o777).toString(8)}). Run chmod 600 on it.`
}
