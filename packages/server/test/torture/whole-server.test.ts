import { withCloseOnly } from './catalogue.ts'
import { describeProofs } from './small-proofs.ts'

/* What a whole server does when Close refuses. */
const elsewhere = new Set([
  ...['described-answers', 'freeze', 'outage-of-a-run', 'lossless', 'lossless-by-skip', 'crowd'],
])
describeProofs((proof) => withCloseOnly.has(proof) && !elsewhere.has(proof))
