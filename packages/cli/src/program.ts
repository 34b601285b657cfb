import { ApiCommand } from './api-command.ts'
import { addAuditCommands } from './commands/audit.ts'
import { addBackupCommands } from './commands/backup.ts'
import { addCompletionCommand } from './commands/completion.ts'
import { addCredentialCommands } from './commands/credentials.ts'
import { addFlowCommands } from './commands/flows.ts'
import { addHelpCommand } from './commands/help.ts'
import { addKeyCommands } from './commands/keys.ts'
import { addSignInCommands } from './commands/login.ts'
import { addMemberCommands } from './commands/members.ts'
import { addPassCommands } from './commands/passes.ts'
import { addProfileCommands } from './commands/profile.ts'
import { addSourceCommands } from './commands/streams.ts'
import { addTokenCommands } from './commands/tokens.ts'
import type { Context } from './context.ts'

const version = '0.1.0'

/** Every command. Help, completions and docs/cli.md are made from these definitions. */
export function createProgram(context: Context): ApiCommand {
  const { io, terminal } = context
  const program = new ApiCommand(context, 'latchwork')
    .description('Credentials, flows and runs of a Latchwork server, from a terminal.')
    .version(version)
    .option('--server <url>', 'the server; otherwise the one signed in to last')
    .option('--json', 'answer in JSON, for programs')
    .addHelpText('after', '\nBegin with: latchwork login https://your-server.example\n')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => {
        if (program.opts()['json'] !== true) terminal.note(text.replace(/\n$/, ''))
      },
    })
    .hook('preAction', (_program, command) => context.configure(command))
  addSignInCommands(program, context)
  addProfileCommands(program, context)
  addCredentialCommands(program, context)
  addSourceCommands(program, context)
  addFlowCommands(program, context)
  addPassCommands(program, context)
  addTokenCommands(program, context)
  addMemberCommands(program, context)
  addAuditCommands(program, context)
  addKeyCommands(program, context)
  addBackupCommands(program, context)
  addCompletionCommand(program, context)
  addHelpCommand(program)
  return program
}
