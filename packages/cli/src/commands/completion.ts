import { Argument, type Command } from 'commander'
import { bashCompletion } from '../completion/bash.ts'
import { readCommandTree } from '../completion/command-tree.ts'
import { fishCompletion } from '../completion/fish.ts'
import { zshCompletion } from '../completion/zsh.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }

export function addCompletionCommand(program: Command, context: Context): void {
  program
    .command('completion')
    .summary('completions for a shell')
    .description(
      'Prints a script that completes commands and options. ' +
        'bash: source <(latchwork completion bash) · ' +
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not JavaScript's
        'zsh: latchwork completion zsh > "${fpath[1]}/_latchwork" · ' +
        'fish: latchwork completion fish > ~/.config/fish/completions/latchwork.fish',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(shells)))
    .action((shell: string) => {
      const make = new Map(Object.entries(shells)).get(shell)
      if (make === undefined) throw new CommandError('usage', `There are no completions for ${shell}.`)
      context.terminal.print(make(readCommandTree(program)))
    })
}
