import { describeProofs } from './small-proofs.ts'

/* Apart from the others: it keeps a process busy. */
describeProofs((proof) => proof === 'described-answers')
