import { withCloseOnly } from './catalogue.ts'
import { describeProofs } from './small-proofs.ts'

/* What a whole server does when Close refuses. */
describeProofs((proof) => withCloseOnly.has(proof) && proof !== 'described-answers')
