import type { Command } from 'commander'

export interface OptionNode {
  /** `--name`, and `-n` if there is one. */
  readonly flags: readonly string[]
  readonly description: string
  readonly takesValue: boolean
  /** Its value is the name of a file. */
  readonly takesFile: boolean
  readonly choices: readonly string[]
}

/** A command, for completions and the documentation. */
export interface CommandNode {
  /** For example `['credential', 'list']`; empty for the program itself. */
  readonly path: readonly string[]
  readonly summary: string
  readonly options: readonly OptionNode[]
  /** The possible values of an argument, if they are known. */
  readonly choices: readonly string[]
  readonly children: readonly CommandNode[]
}

/** Reads commander's definitions. Every command takes the options of the program, too. */
export function readCommandTree(program: Command): CommandNode {
  return readNode(program, [], [])
}

function readNode(command: Command, path: readonly string[], inherited: readonly OptionNode[]): CommandNode {
  const help = command.createHelp()
  const options = help.visibleOptions(command).map((option) => ({
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: option.description,
    takesValue: option.required || option.optional,
    takesFile: /<.*file>/.test(option.flags),
    choices: option.argChoices ?? [],
  }))
  const global = path.length === 0 ? options.filter(({ flags }) => !flags.includes('--version')) : inherited
  const own = new Set(options.flatMap(({ flags }) => flags))
  return {
    path,
    summary: command.summary() || command.description(),
    options: [...options, ...inherited.filter(({ flags }) => !flags.some((flag) => own.has(flag)))],
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    children: command.commands.map((child) => readNode(child, [...path, child.name()], global)),
  }
}

/** The command itself and all below it. */
export function allNodes(node: CommandNode): CommandNode[] {
  return [node, ...node.children.flatMap(allNodes)]
}
