import { describeProofs } from '../torture/small-proofs.ts'

describeProofs((proof) => proof === 'crowd')
