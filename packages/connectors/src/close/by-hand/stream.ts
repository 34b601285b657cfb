import type { Stream } from '../../reading.ts'
import { byHandFields } from './form.ts'

/** The name of the stream that a flow may have any number of, each under its own name. */
export const byHandName = 'by_hand'

/** Anything else that Close lists. */
export const byHandStream: Stream = {
  name: byHandName,
  label: 'A stream by hand',
  group: 'By hand',
  description:
    'Any list of Close by its path, or any search by its body: for what is not among the others. As it is when it is read.',
  recommended: false,
  modes: ['full', 'incremental'],
  deletes: 'none',
  parameters: byHandFields,
  repeats: true,
}
