const roundsAtOnce = 5

/** Plays so many rounds, some side by side; each knows its number. */
export async function inRounds(rounds: number, play: (round: number) => Promise<void>): Promise<void> {
  const waiting = Array.from({ length: rounds }, (_, round) => round)
  const work = async () => {
    for (let round = waiting.shift(); round !== undefined; round = waiting.shift()) await play(round)
  }
  await Promise.all(Array.from({ length: roundsAtOnce }, work))
}
