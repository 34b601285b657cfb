import { config } from 'zod'

// Compiled schemas need `eval`, which the server's content security policy forbids.
config({ jitless: true })
