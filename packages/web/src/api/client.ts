import { createClient } from '@latchwork/contract'

/** The REST API of this page's own origin, as whoever is signed in. */
export const api = createClient({ fetch: (url, init) => fetch(url, { ...init, credentials: 'same-origin' }) })
