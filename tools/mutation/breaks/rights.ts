import type { Break } from '../break.ts'

export const rightsBreaks: readonly Break[] = [
  {
    requirement: 43,
    what: 'an API token never ends',
    file: 'tokens.ts',
    find: "        .where('hash', '=', hash)\n        .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql.now)]))\n",
    put: "        .where('hash', '=', hash)\n",
  },
  {
    requirement: 44,
    what: 'members may what administrators may',
    file: 'caller.ts',
    find: "if (caller.user.role !== 'admin') throw",
    put: 'if (caller.user.role === undefined) throw',
  },
  {
    requirement: 47,
    what: 'a stranger learns the version of Node',
    file: 'health.ts',
    find: "app.get('/health/live', hidden, async () => ({ status: 'ok' }))",
    put: "app.get('/health/live', hidden, async () => ({ status: 'ok', node: process.version }))",
  },
  {
    requirement: 48,
    what: 'answers of the API may be kept by a cache',
    file: 'server.ts',
    find: "if (isBelow('/api/') || isBelow('/oauth/')) reply.header('cache-control', 'no-store')",
    put: "if (isBelow('/oauth/')) reply.header('cache-control', 'no-store')",
  },
]
