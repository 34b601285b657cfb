/** The code of an error of Node, of the operating system or of a database driver, e.g. `ENOENT`; null without one. */
export function systemCode(error: unknown): string | null {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null
  return typeof code === 'string' ? code : null
}

/** Whether a code says that there is no way to the other system, or that it broke off. */
export function isUnreachableCode(code: string | null): boolean {
  return code !== null && /^(ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOST|ENET)/.test(code)
}
