import { InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'

/** `--option a --option b` → both. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value]

const largest = 100_000

/** The maximum length of a list. Pages are followed that far. */
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

/** A time, or the first moment of a day in the terminal's own time zone; ISO 8601 in UTC. */
export function readTime(text: string): string {
  return instantOf(text, '00:00:00.000')
}

/** As `readTime`, but the last moment of a day. */
export function readEnd(text: string): string {
  return instantOf(text, '23:59:59.999')
}

function instantOf(text: string, timeOfDay: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const at = new Date(isDay ? `${text}T${timeOfDay}` : text)
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(at.getTime())) {
    throw new InvalidArgumentError('It must be a day or a time like 2026-03-04 or 2026-03-04T05:06:00Z.')
  }
  return at.toISOString()
}
