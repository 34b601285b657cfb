import { describeProofs } from './small-proofs.ts'

/* What a copy of Close comes to while people work in it. */
describeProofs((proof) => proof.startsWith('lossless'))
