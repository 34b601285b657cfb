import { allNodes, type CommandNode, type OptionNode } from './command-tree.ts'

/**
 * A fish script: a function that finds the command in the words typed so far, and one line for each command and option.
 */
export function fishCompletion(program: CommandNode): string {
  const nodes = allNodes(program)
  return [
    '# fish completion for latchwork',
    'function __latchwork_at',
    "  set -l command ''",
    '  for word in (commandline -opc)[2..-1]',
    '    switch "$command:$word"',
    ...nodes.flatMap(({ path, children }) =>
      children.map(
        (child) =>
          `      case '${path.join(' ')}:${child.path.at(-1)}'; set command '${child.path.join(' ')}'`,
      ),
    ),
    '    end',
    '  end',
    '  test "$command" = "$argv[1]"',
    'end',
    'complete -c latchwork -f',
    ...nodes.flatMap((node) => [
      ...node.children.map((child) => `${start(node)} -a ${child.path.at(-1)} -d ${quoted(child.summary)}`),
      ...node.choices.map((choice) => `${start(node)} -a ${choice}`),
      ...node.options.map((option) => `${start(node)} ${optionOf(option)}`),
    ]),
  ].join('\n')
}

function optionOf({ flags, description, takesValue, takesFile, choices }: OptionNode): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  const value = takesFile ? ' -r -F' : takesValue ? ' -x' : ''
  const offered = choices.length === 0 ? '' : ` -a ${quoted(choices.join(' '))}`
  return `${names.join(' ')}${value}${offered} -d ${quoted(description)}`
}

function start({ path }: CommandNode): string {
  return `complete -c latchwork -n ${quoted(`__latchwork_at '${path.join(' ')}'`)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
