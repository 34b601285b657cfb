import { describeProofs } from './small-proofs.ts'

/* What a run comes to whose process is frozen, or whose systems are away. */
describeProofs((proof) => proof === 'freeze' || proof === 'outage-of-a-run')
