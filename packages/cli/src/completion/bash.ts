import { allNodes, type CommandNode } from './command-tree.ts'

/** A bash script. It finds the command in the words typed so far, then offers what can follow. */
export function bashCompletion(program: CommandNode): string {
  const nodes = allNodes(program)
  const words = ({ children, options, choices }: CommandNode) =>
    [...children.map(({ path }) => path.at(-1)), ...choices, ...options.flatMap(({ flags }) => flags)].join(
      ' ',
    )
  const steps = nodes.flatMap(({ path, children }) =>
    children.map(
      (child) => `      "${path.join(' ')}:${child.path.at(-1)}") command="${child.path.join(' ')}" ;;`,
    ),
  )
  const valued = nodes.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue))
  const flagsOf = (some: typeof valued) => [...new Set(some.flatMap(({ flags }) => flags))].join('|')
  const choices = nodes.flatMap(({ path, options }) =>
    options.flatMap((option) =>
      option.choices.length === 0
        ? []
        : [`    "${path.join(' ')}:${option.flags.at(-1)}") words="${option.choices.join(' ')}" ;;`],
    ),
  )
  return [
    '# bash completion for latchwork',
    '_latchwork() {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not JavaScript's
    '  local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" command="" words="" at word',
    // Bash treats the = of --option=value as a word.
    '  if [[ "$current" == "=" ]]; then current=""',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not JavaScript's
    '  elif [[ "$before" == "=" ]]; then before="${COMP_WORDS[COMP_CWORD-2]}"; fi',
    '  for ((at = 1; at < COMP_CWORD; at++)); do',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not JavaScript's
    '    word="${COMP_WORDS[at]}"',
    '    case "$command:$word" in',
    ...steps,
    '    esac',
    '  done',
    '  COMPREPLY=()',
    '  case "$before" in',
    `    ${flagsOf(valued)})`,
    '      case "$command:$before" in',
    ...choices.map((line) => `    ${line}`),
    '        *) case "$before" in',
    `          ${flagsOf(valued.filter(({ takesFile }) => takesFile))})`,
    '            compopt -o filenames 2>/dev/null',
    "            local IFS=$'\\n'", // a name may have spaces
    '            COMPREPLY=($(compgen -f -- "$current")) ;;',
    '        esac; return ;;',
    '      esac ;;',
    '    *) case "$command" in',
    ...nodes.map((node) => `      "${node.path.join(' ')}") words="${words(node)}" ;;`),
    '    esac ;;',
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -F _latchwork latchwork',
  ].join('\n')
}
