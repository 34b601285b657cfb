import type { Command } from 'commander'
import { CommandError } from '../exit-codes.ts'

/**
 * Commander's own help command looks only one level deep: `help credential list` would show the help of `credential`.
 */
export function addHelpCommand(program: Command): void {
  program
    .command('help')
    .summary('show how a command is used')
    .argument('[command...]', 'which one, for example credential add; without it, all are listed')
    .action((words: readonly string[]) => {
      const found = words.reduce((command: Command, word) => {
        const next = command.commands.find((each) => each.name() === word)
        if (next !== undefined) return next
        throw new CommandError(
          'usage',
          `There is no command ${words.join(' ')}. To see which there are: latchwork help`,
        )
      }, program)
      found.outputHelp()
    })
}
