import { withCloseOnly } from './catalogue.ts'
import { describeProofs } from './small-proofs.ts'

/* Many processes at one credential. */
describeProofs((proof) => !withCloseOnly.has(proof))
