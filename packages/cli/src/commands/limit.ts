import { InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'

const largest = 100_000

/** How long a list may get; pages are followed that far. */
export function limitOption(): Option {
  return new Option('--limit <count>', 'show at most this many').default(50).argParser((text) => {
    const count = Number(text)
    if (Number.isInteger(count) && count >= 1 && count <= largest) return count
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${largest}.`)
  })
}

export function readLimit(options: unknown): number {
  return z.object({ limit: z.number() }).parse(options).limit
}
