import { allNodes, type CommandNode } from './command-tree.ts'

/** A fish script: one line for each command and option, with the condition under which it is offered. */
export function fishCompletion(program: CommandNode): string {
  return [
    '# fish completion for latchwork',
    'complete -c latchwork -f',
    ...allNodes(program).flatMap((node) => [
      ...node.children.map((child) => `${start(node)} -a ${child.path.at(-1)} -d ${quoted(child.summary)}`),
      ...node.choices.map((choice) => `${start(node)} -a ${choice}`),
      ...node.options.map(({ flags, description, takesValue, choices }) => {
        const names = flags.map((flag) =>
          flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
        )
        const value = takesValue
          ? choices.length === 0
            ? ' -r -F'
            : ` -x -a ${quoted(choices.join(' '))}`
          : ''
        return `${start(node)} ${names.join(' ')}${value} -d ${quoted(description)}`
      }),
    ]),
  ].join('\n')
}

/** Offered when the words before are those of the command, and none of a command below it. */
function start({ path, children }: CommandNode): string {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`)
  const below = children.map((child) => child.path.at(-1)).join(' ')
  const none = below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`]
  return `complete -c latchwork -n ${quoted([...seen, ...none].join('; and '))}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
