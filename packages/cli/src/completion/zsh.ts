import { allNodes, type CommandNode, type OptionNode } from './command-tree.ts'

/** A zsh script for a file `_latchwork` in `$fpath`, with one function for each command. */
export function zshCompletion(program: CommandNode): string {
  return [
    '#compdef latchwork',
    '# zsh completion for latchwork',
    ...allNodes(program).flatMap(functionOf),
    'if [ "$funcstack[1]" = "_latchwork" ]; then',
    '  _latchwork "$@"',
    'else',
    '  compdef _latchwork latchwork',
    'fi',
  ].join('\n')
}

function functionOf(node: CommandNode): string[] {
  const { options, children, choices } = node
  const specs = options.flatMap(optionSpecs)
  if (children.length === 0) {
    const argument = choices.length === 0 ? "'*:argument: '" : `'*:argument:(${choices.join(' ')})'`
    return [
      `${nameOf(node)}() {`,
      '  _arguments -s \\',
      ...specs.map((spec) => `    ${spec} \\`),
      `    ${argument}`,
      '}',
    ]
  }
  return [
    `${nameOf(node)}() {`,
    '  local line state',
    '  _arguments -s -C \\',
    ...specs.map((spec) => `    ${spec} \\`),
    "    '1: :->command' \\",
    "    '*:: :->rest'",
    '  case $state in',
    '    command)',
    '      local -a commands=(',
    ...children.map((child) => `        '${child.path.at(-1)}:${quoted(child.summary)}'`),
    '      )',
    "      _describe 'command' commands ;;",
    '    rest)',
    '      case $line[1] in',
    ...children.map((child) => `        ${child.path.at(-1)}) ${nameOf(child)} ;;`),
    '      esac ;;',
    '  esac',
    '}',
  ]
}

function optionSpecs({ flags, description, takesValue, takesFile, choices }: OptionNode): string[] {
  const values = takesFile ? '_files' : choices.length === 0 ? ' ' : `(${choices.join(' ')})`
  const value = takesValue ? `:value:${values}` : ''
  return flags.map((flag) => `'*${flag}[${quoted(description)}]${value}'`)
}

/** Quotes text in single quotes. Zsh gives brackets and colons a meaning there, so they are escaped. */
function quoted(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(/([[\]:])/g, '\\$1')
}

function nameOf({ path }: CommandNode): string {
  return ['_latchwork', ...path].join('_')
}
