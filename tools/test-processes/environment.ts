/**
 * The environment of a process that a test starts: nothing of the test's own but the way to programs, and what Node kept
 * of compiled sources, by which a process starts in half the time.
 */
export function bareEnvironment(): Record<string, string> {
  const kept = ['PATH', 'NODE_COMPILE_CACHE'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return Object.fromEntries(kept)
}
