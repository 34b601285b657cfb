import { writeFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import type { Command } from 'commander'
import { Context } from '../src/context.ts'
import { exitCodes, wordOf } from '../src/exit-codes.ts'
import { createProgram } from '../src/program.ts'

const introduction = `# The command line

\`latchwork\` works with a Latchwork server from a terminal, through the same REST API as the page. In a checkout, run it as \`npx latchwork\`.

## Signing in
\`latchwork login https://latchwork.example\` prints a link and a short code. Open the link in a browser where you are signed in, compare the code, and confirm: the terminal gets an API token of yours, valid for 90 days. Nothing secret is typed or pasted. The token is stored in \`$XDG_CONFIG_HOME/latchwork/config.json\` (by default below \`~/.config\`), which only you may read; \`latchwork logout\` revokes it. Tokens are also listed and revoked in Settings.

For a program, set \`LATCHWORK_TOKEN_FILE\` to a file with an API token that others can't read, and name the server in \`LATCHWORK_SERVER\` or with \`--server\`. If the server made its own certificate, name a copy of it in \`LATCHWORK_CA_FILE\`: nobody has to sign in on that machine.

## The server's certificate
A certificate of a public authority is trusted without a question. If the server made its own certificate, \`login\` shows its SHA-256 fingerprint and asks whether you trust it. Compare it on the server with

    openssl x509 -noout -fingerprint -sha256 -in .latchwork/tls/cert.pem

The certificate is then stored, and only it is accepted for this server. When it is renewed, sign in again and compare again. Without a person to ask, give the fingerprint with \`--fingerprint\`, or the authority's certificate with \`--ca\`. Verification cannot be switched off.

## Secrets
Secrets come from a prompt that does not show them, from standard input (\`--secret-stdin\`) or from a file (\`--secret-file\`), never from an argument, which every user of the machine could see.

    latchwork credential add --method api_key --name "Reports" --secret-stdin < key.txt
    latchwork credential add --method oauth2 --name "Reports" --value clientId=oa2client_…

The second asks for the client secret and prints a link: open it in a browser where you are signed in to Latchwork, and grant access. The command waits and says who authorized.

## Backups
    latchwork backup --out latchwork.age --recipient age1…

The server encrypts the file before it leaves. The secrets in it are also sealed under the master key, which is not in it. [running.md](running.md#backups) says how to restore it.

## For programs
\`--json\` prints the answer of the REST API, also of a check or a verification that ends with 1. Results go to standard output. Questions, progress (not with \`--json\`) and errors go to standard error; an error of the REST API has its code in brackets. With \`--json\` an error is one line of JSON on standard error, also for a wrong command line: \`{"error":{"code":…,"message":…}}\`. An error of the REST API also has \`status\`, \`errors\` by field, \`requestId\` and its other fields; any other error has the code beside the exit code below. If standard input is not a terminal, nothing is asked: the command ends with 2 and names the option that answers. Colours appear only in a terminal, and not with \`NO_COLOR\`. In a terminal, tables leave out columns that don't fit; in a pipe they are complete.

Files are readable only by you (mode 0600), appear under their name only when they are complete, and replace a file only with \`--force\`. Ctrl-C leaves no file.

## Completions
    source <(latchwork completion bash)                                            # in ~/.bashrc
    latchwork completion zsh > "\${fpath[1]}/_latchwork"
    latchwork completion fish > ~/.config/fish/completions/latchwork.fish
`

/** The text of docs/cli.md. Run this file to write it: `node packages/cli/test/document-commands.ts`. */
export function documentCommands(): string {
  const nowhere = new PassThrough()
  const io = { stdin: nowhere, stdout: nowhere, stderr: nowhere, env: {}, hostName: '' }
  const program = createProgram(new Context({ ...io, signal: new AbortController().signal }))
  const codes = Object.entries(exitCodes).map(
    ([ending, { code, meaning }]) => `| ${code} | \`${wordOf(ending)}\` | ${meaning} |`,
  )
  return `${[
    introduction,
    '## Exit codes',
    '| exit code | code of an error in JSON | meaning |',
    '| --- | --- | --- |',
    ...codes,
    '',
    '## Options of every command',
    ...optionTable(program),
    '',
    '## Commands',
    ...program.commands.flatMap((command) => describeCommand(command, 'latchwork')),
  ].join('\n')}\n`
}

function describeCommand(command: Command, parent: string): string[] {
  const name = `${parent} ${command.name()}`
  if (command.commands.length > 0) return command.commands.flatMap((each) => describeCommand(each, name))
  const takes = command.registeredArguments.map((argument) => {
    const choices = argument.argChoices === undefined ? '' : `: ${argument.argChoices.join(', ')}`
    return `- \`${argument.name()}\`: ${argument.description}${choices}`
  })
  const usage = command.registeredArguments.map((each) =>
    each.required ? ` <${each.name()}>` : ` [${each.name()}]`,
  )
  const said = command.description() || `${sentence(command.summary())}`
  return [
    `### \`${name}${usage.join('')}\``,
    cell(said),
    ...(takes.length > 0 ? ['', ...takes] : []),
    ...optionTable(command),
    '',
  ]
}

function optionTable(command: Command): string[] {
  const rows = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map(({ flags, description, argChoices, defaultValue }) => {
      const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`
      const unset = defaultValue === undefined || defaultValue === false ? '' : ` (default: ${defaultValue})`
      return `| \`${cell(flags)}\` | ${cell(description)}${choices}${unset} |`
    })
  return rows.length === 0 ? [] : ['', '| option | meaning |', '| --- | --- |', ...rows]
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** In Markdown, outside code: what looks like HTML is text. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

if (import.meta.main) writeFileSync(new URL('../../../docs/cli.md', import.meta.url), documentCommands())
